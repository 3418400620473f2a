// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011).
//
// A draw is a pure function of where it stands, so no generator state is ever saved, shared or
// sent.
#ifndef OUTERLOOP_COMMON_PHILOX_H_
#define OUTERLOOP_COMMON_PHILOX_H_

#include <array>
#include <cstdint>

namespace outerloop {

// The bijection itself: ten rounds on `counter` under `key`.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// What a stream of numbers is for. Streams of different purposes are independent. The values are
// part of what a job's result depends on: never change one, never use one again.
enum class RandomPurpose : uint32_t {
  kInitialParameters = 1,
  kClassSplit = 2,
  kTrainTask = 3,
  kValidationTask = 4,
  kTestTask = 5,
  kStrokes = 6,
  kBackoff = 7,
  kShots = 8,
  kSweepTrial = 9,
};

// The numbers of one (seed, purpose, step, task), in order. Cheap to make. Not thread-safe; two
// streams never share anything.
class RandomStream {
 public:
  RandomStream(uint64_t seed, RandomPurpose purpose, uint64_t step, uint32_t task);

  // Uniform over all 32-bit values. A stream has 2^34 of them.
  uint32_t Next();

  // Uniform over [0, n), without bias (Lemire, "Fast random integer generation in an interval",
  // 2019). n >= 1. May take more than one number.
  uint32_t Below(uint32_t n);

  // Uniform over the multiples of 2^-53 in [0, 1). Takes two numbers.
  double Uniform();

  // low + (high - low) * Uniform(), in double.
  double Uniform(double low, double high);

 private:
  const std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_;  // {block, task, step low, step high}
  std::array<uint32_t, 4> block_{};
  int used_ = 4;  // Numbers of `block_` already given out.
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_PHILOX_H_
