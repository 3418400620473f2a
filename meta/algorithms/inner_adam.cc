#include "meta/algorithms/inner_adam.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

}  // namespace

AdamMemory NoAdamMemory(int64_t parameters, const torch::TensorOptions& options) {
  return {torch::zeros({parameters}, options), torch::zeros({1}, options)};
}

Tensor AdamDirection(const Tensor& gradient, AdamMemory& memory) {
  memory.moment = kBeta2 * memory.moment + (1 - kBeta2) * gradient * gradient;
  memory.weight = kBeta2 * memory.weight + (1 - kBeta2);
  return gradient / (torch::sqrt(memory.moment / memory.weight) + kEpsilon);
}

}  // namespace outerloop::meta
