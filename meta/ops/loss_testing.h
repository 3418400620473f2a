// Checks of a loss's rules against central differences. For tests.
#ifndef OUTERLOOP_META_OPS_LOSS_TESTING_H_
#define OUTERLOOP_META_OPS_LOSS_TESTING_H_

#include "gtest/gtest.h"
#include "meta/ops/loss.h"
#include "torch/torch.h"

namespace outerloop::meta {

// `outputs` in double precision.
inline void ExpectLossRulesAreRight(const Loss& loss, const torch::Tensor& outputs,
                                    const torch::Tensor& targets) {
  const double step = 1e-5;
  const torch::Tensor direction = torch::randn_like(outputs);
  Loss::Record here, above, below;
  loss.Forward(outputs, targets, here);
  const torch::Tensor up = loss.Forward(outputs + step * direction, targets, above);
  const torch::Tensor down = loss.Forward(outputs - step * direction, targets, below);

  const torch::Tensor slope = (loss.Backward(here) * direction).sum({1, 2});
  EXPECT_TRUE(torch::allclose(slope, (up - down) / (2 * step), /*rtol=*/1e-7, /*atol=*/1e-9));
  EXPECT_TRUE(torch::allclose(loss.TangentBackward(direction, here),
                              (loss.Backward(above) - loss.Backward(below)) / (2 * step),
                              /*rtol=*/1e-7, /*atol=*/1e-9));
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_LOSS_TESTING_H_
