// A job as the state machine sees it.
#ifndef OUTERLOOP_COORDINATOR_CORE_JOB_H_
#define OUTERLOOP_COORDINATOR_CORE_JOB_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/group.h"
#include "coordinator/store/records.h"

namespace outerloop::coordinator {

struct Job {
  JobRecord record;
  std::optional<CheckpointRecord> checkpoint;  // The latest.
  std::optional<Group> group;                  // The present one.
  std::vector<std::string> evaluations;        // Ids, oldest first.
  double step_seconds = 0;                     // Smoothed wall time of a step; 0: not known.
  // After a restart of the coordinator: until when it waits for the whole of its last group.
  absl::Time grace_end = absl::InfinitePast();

  uint64_t steps() const { return record.spec.training().steps(); }
  bool ended() const { return IsFinal(record.state); }
  // All steps done and their result kept.
  bool trained() const { return checkpoint.has_value() && checkpoint->step == steps(); }
  // Whether workers are wanted for training.
  bool wants_group() const { return !ended() && !trained() && !group.has_value(); }

  uint32_t min_workers() const { return record.spec.workers().min(); }
  size_t max_workers() const {
    return record.spec.workers().max() == 0 ? SIZE_MAX : record.spec.workers().max();
  }
  // A checkpoint is due after `step`.
  bool CheckpointAt(uint64_t step) const {
    const uint64_t every = record.spec.checkpoints().every_steps();
    return step == steps() || (every > 0 && step % every == 0);
  }
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_JOB_H_
