#ifndef OUTERLOOP_META_OPTIMIZERS_SGD_H_
#define OUTERLOOP_META_OPTIMIZERS_SGD_H_

#include "meta/optimizers/meta_optimizer.h"

namespace outerloop::meta {

struct SgdOptions {
  double rate = 0.01;   // > 0.
  double momentum = 0;  // [0, 1).
  // The rate falls linearly (learning_rate.h) to zero after so many steps. 0: it stays.
  uint64_t decay_steps = 0;
};

// Gradient descent with heavy-ball momentum: m <- momentum * m + g; w <- w - rate * m. State "m",
// which is absent when momentum is 0. Each element is computed in double and rounded to float where
// it is kept: once for m, and once for the parameter, from the rounded m.
class Sgd final : public MetaOptimizer {
 public:
  explicit Sgd(const SgdOptions& options) : options_(options) {}

  OptimizerState InitialState(size_t size) const override;
  void Update(uint64_t step, std::span<const float> gradient, std::span<float> parameters,
              OptimizerState& state) const override;

 private:
  const SgdOptions options_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPTIMIZERS_SGD_H_
