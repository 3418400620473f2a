#include "meta/ops/relu.h"

#include "gtest/gtest.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta {
namespace {

TEST(Relu, HasRightRulesAwayFromZero) {
  torch::manual_seed(1);
  for (const double negative_slope : {0.0, 0.1}) {
    const auto layer = MakeRelu(negative_slope);
    LayerPoint point = RandomPoint(*layer, {2, 3, 4});
    point.inputs += 0.1 * point.inputs.sign();
    ExpectRulesAreRight(*layer, point);
  }
}

TEST(Relu, HasDerivativeZeroAtZero) {
  const auto layer = MakeRelu();
  const torch::Tensor inputs = torch::tensor({{-1.0, 0.0, 2.0}}, torch::kDouble);
  Layer::Record record;
  EXPECT_TRUE(torch::equal(layer->Forward({}, inputs, record),
                           torch::tensor({{0.0, 0.0, 2.0}}, torch::kDouble)));
  EXPECT_TRUE(
      torch::equal(layer->Backward(torch::ones_like(inputs), /*wants_inputs=*/true, record).inputs,
                   torch::tensor({{0.0, 0.0, 1.0}}, torch::kDouble)));
}

TEST(Relu, HasTheNegativeSlopeAtZeroAndBelow) {
  const auto layer = MakeRelu(/*negative_slope=*/0.25);
  const torch::Tensor inputs = torch::tensor({{-1.0, 0.0, 2.0}}, torch::kDouble);
  Layer::Record record;
  EXPECT_TRUE(torch::equal(layer->Forward({}, inputs, record),
                           torch::tensor({{-0.25, 0.0, 2.0}}, torch::kDouble)));
  EXPECT_TRUE(
      torch::equal(layer->Backward(torch::ones_like(inputs), /*wants_inputs=*/true, record).inputs,
                   torch::tensor({{0.25, 0.25, 1.0}}, torch::kDouble)));
}

}  // namespace
}  // namespace outerloop::meta
