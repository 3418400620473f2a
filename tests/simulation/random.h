// Random numbers of a simulated run: all of its chance comes from one seed.
#ifndef OUTERLOOP_TESTS_SIMULATION_RANDOM_H_
#define OUTERLOOP_TESTS_SIMULATION_RANDOM_H_

#include <cmath>
#include <cstdint>

#include "absl/time/time.h"

namespace outerloop::simulation {

// A bijection of 64-bit numbers that leaves no pattern: the output function of SplitMix64 (Steele,
// Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
inline uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Of a sequence: Mix(Mix(a, b), c), say.
inline uint64_t Mix(uint64_t a, uint64_t b) { return Mix(a ^ (Mix(b) << 1)); }

// SplitMix64. The same seed gives the same numbers on every machine. Thread-compatible.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(Mix(seed)) {}

  uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15); }
  // Uniform over [0, n); n >= 1. The bias, n / 2^64, does not matter here.
  uint64_t Below(uint64_t n) { return Next() % n; }
  // Uniform over [low, high].
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  bool Chance(double probability) { return Uniform() < probability; }
  absl::Duration Between(absl::Duration low, absl::Duration high) {
    return absl::Nanoseconds(static_cast<int64_t>(
        Between(absl::ToInt64Nanoseconds(low), absl::ToInt64Nanoseconds(high))));
  }
  // With this mean, at most ten times as long.
  absl::Duration Exponential(absl::Duration mean) {
    return mean * std::fmin(10.0, -std::log(1.0 - Uniform()));
  }

 private:
  uint64_t state_;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_RANDOM_H_
