#include "meta/algorithms/multi_step_loss.h"

#include <algorithm>

namespace outerloop::meta {
namespace {

// What is left of the early weights.
double Remaining(uint64_t step, uint64_t decay_steps) {
  if (decay_steps == 0) return 1;
  return std::max(0.0, 1 - static_cast<double>(step - 1) / static_cast<double>(decay_steps));
}

}  // namespace

double MultiStepLoss::WeightAfter(int k, uint64_t step) const {
  const int early_losses = std::max(inner_steps - 1, 0);
  const double early =
      early_weight / (1 + early_losses * early_weight) * Remaining(step, decay_steps);
  if (k == inner_steps) return 1 - early_losses * early;
  return k == 0 ? 0 : early;
}

bool MultiStepLoss::FadesAfter(uint64_t step) const {
  return inner_steps > 1 && early_weight > 0 && step <= decay_steps;
}

}  // namespace outerloop::meta
