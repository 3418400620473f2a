#include "meta/optimizers/sgd.h"

#include <cassert>

#include "meta/optimizers/learning_rate.h"

namespace outerloop::meta {

OptimizerState Sgd::InitialState(size_t size) const {
  if (options_.momentum == 0) return {};
  return {{"m", std::vector<float>(size)}};
}

void Sgd::Update(uint64_t step, std::span<const float> gradient, std::span<float> parameters,
                 OptimizerState& state) const {
  assert(gradient.size() == parameters.size());
  const double rate = RateAt(step, options_.rate, options_.decay_steps);
  const bool remembers = options_.momentum != 0;
  float* const m = remembers ? state.at("m").data() : nullptr;
  for (size_t i = 0; i < parameters.size(); ++i) {
    double direction = gradient[i];
    if (remembers) {
      m[i] = static_cast<float>(options_.momentum * m[i] + direction);
      direction = m[i];
    }
    parameters[i] = static_cast<float>(parameters[i] - rate * direction);
  }
}

}  // namespace outerloop::meta
