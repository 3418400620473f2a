#ifndef OUTERLOOP_META_OPTIMIZERS_ADAM_H_
#define OUTERLOOP_META_OPTIMIZERS_ADAM_H_

#include "meta/optimizers/meta_optimizer.h"

namespace outerloop::meta {

struct AdamOptions {
  double rate = 0.001;    // > 0.
  double beta1 = 0.9;     // [0, 1).
  double beta2 = 0.999;   // [0, 1).
  double epsilon = 1e-8;  // > 0.
  // The rate falls linearly (learning_rate.h) to zero after so many steps. 0: it stays.
  uint64_t decay_steps = 0;
};

// Kingma & Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1. State "m" and "v".
// Each element is computed in double and rounded to float where it is kept: once for m, once for v,
// and once for the parameter, from the rounded m and v.
class Adam final : public MetaOptimizer {
 public:
  explicit Adam(const AdamOptions& options) : options_(options) {}

  OptimizerState InitialState(size_t size) const override;
  void Update(uint64_t step, std::span<const float> gradient, std::span<float> parameters,
              OptimizerState& state) const override;

 private:
  const AdamOptions options_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPTIMIZERS_ADAM_H_
