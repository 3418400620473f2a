// How the steps of a group follow each other where members wait for each other's sums.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_LOCKSTEP_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_LOCKSTEP_H_

#include <cstdint>
#include <map>
#include <optional>

#include "absl/time/time.h"

namespace outerloop::control_plane {

// The steps of one generation: step s begins once every member has its plan and step s - 1 is
// finished, and it finishes for all members at once. Pure; thread-compatible.
class Lockstep {
 public:
  // Of `size` members that start with `start` steps done. The coordinator gives out a plan as soon
  // as the last member has reported the step `window` before it. `size` and `window` > 0.
  Lockstep(uint32_t size, uint64_t start, uint64_t window);

  // One more member has the plan of `step`. Whether a step begins with that.
  bool AddPlan(uint64_t step);
  // The step that has begun is finished. Whether the next begins with that.
  bool Finish(absl::Time now);

  // Steps done; finished() + 1 is the step that has begun, or waits for plans.
  uint64_t finished() const { return finished_; }

  // Since when the plan of `step` is due: the finish of the step `window` before it. Nothing if it
  // was due from the start; InfiniteFuture if it is not due yet. Known as long as not every member
  // has the plan.
  std::optional<absl::Time> DueSince(uint64_t step) const;

 private:
  bool NextIsPlanned() const;

  const uint32_t size_;
  const uint64_t start_;
  const uint64_t window_;
  uint64_t finished_;
  std::map<uint64_t, uint32_t> plans_;          // Members that have it, by step not yet finished.
  std::map<uint64_t, absl::Time> finish_time_;  // Of the last `window` steps.
};

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_LOCKSTEP_H_
