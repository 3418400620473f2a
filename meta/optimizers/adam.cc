#include "meta/optimizers/adam.h"

#include <cassert>
#include <cmath>

#include "meta/optimizers/learning_rate.h"

namespace outerloop::meta {
namespace {

// base^exponent by squaring. The mathematics library's power may differ between machines; a fixed
// order of multiplications does not.
double Power(double base, uint64_t exponent) {
  double power = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) power *= base;
    base *= base;
  }
  return power;
}

}  // namespace

OptimizerState Adam::InitialState(size_t size) const {
  return {{"m", std::vector<float>(size)}, {"v", std::vector<float>(size)}};
}

void Adam::Update(uint64_t step, std::span<const float> gradient, std::span<float> parameters,
                  OptimizerState& state) const {
  const auto& [initial_rate, beta1, beta2, epsilon, decay_steps] = options_;
  const double rate = RateAt(step, initial_rate, decay_steps);
  std::vector<float>& m = state.at("m");
  std::vector<float>& v = state.at("v");
  assert(gradient.size() == parameters.size());
  assert(m.size() == parameters.size() && v.size() == parameters.size());
  const double correction1 = 1 - Power(beta1, step);
  const double correction2 = 1 - Power(beta2, step);
  for (size_t i = 0; i < parameters.size(); ++i) {
    const double g = gradient[i];
    m[i] = static_cast<float>(beta1 * m[i] + (1 - beta1) * g);
    v[i] = static_cast<float>(beta2 * v[i] + (1 - beta2) * g * g);
    const double change = rate * (m[i] / correction1) / (std::sqrt(v[i] / correction2) + epsilon);
    parameters[i] = static_cast<float>(parameters[i] - change);
  }
}

}  // namespace outerloop::meta
