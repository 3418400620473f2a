#ifndef OUTERLOOP_META_OPTIMIZERS_LEARNING_RATE_H_
#define OUTERLOOP_META_OPTIMIZERS_LEARNING_RATE_H_

#include <cstdint>

namespace outerloop::meta {

// The rate of step `step`, counted from 1: `initial` at the first, from there on a straight line
// that is zero after `decay_steps` of them. 0 of them: `initial` for ever.
inline double RateAt(uint64_t step, double initial, uint64_t decay_steps) {
  if (decay_steps == 0) return initial;
  if (step > decay_steps) return 0;
  return initial * static_cast<double>(decay_steps - step + 1) / static_cast<double>(decay_steps);
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPTIMIZERS_LEARNING_RATE_H_
