// A job as the state machine sees it.
#ifndef OUTERLOOP_COORDINATOR_CORE_JOB_H_
#define OUTERLOOP_COORDINATOR_CORE_JOB_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/group.h"
#include "coordinator/core/recovery.h"
#include "coordinator/core/step_times.h"
#include "coordinator/store/records.h"

namespace outerloop::coordinator {

struct Job {
  JobRecord record;
  uint64_t number = 0;     // In the order of submission.
  bool announced = false;  // It is not durable yet: requests find it, nothing is done for it.
  std::vector<CheckpointRecord> checkpoints;  // Kept ones, by step.
  std::map<uint64_t, double> losses;          // As in LossRecord, by step.
  std::optional<Group> group;                 // The present one.
  std::vector<std::string> evaluations;       // Ids, oldest first.
  StepTimes times;
  // After a restart of the coordinator: until when it waits for the whole of its last group.
  absl::Time grace_end = absl::InfinitePast();

  // It is to leave its workers to others at the next step boundary, and to wait again.
  bool preempted = false;
  std::string gave_way;  // Why, as long as it waits for that.

  // ---- What clients are told of its life
  uint64_t events = 0;  // The number of the latest event.
  v1::JobEvent::Kind last_event = v1::JobEvent::KIND_UNSPECIFIED;
  // When its group broke, or the coordinator was restarted, until a step is done that was not on
  // record before; nothing otherwise.
  std::optional<absl::Time> broke;

  // ---- Of the present group
  absl::Time stirred = absl::InfinitePast();  // When a member last reported something.
  // It is broken and re-forms then, unless a lost member shows before what broke it.
  struct Reform {
    absl::Time at;
    RecoveryCause cause;
    std::string reason;
  };
  std::optional<Reform> reform;

  // ---- Of its groups so far
  bool reducer_fallback = false;  // A faster reducer has failed: the coordinator adds up.
  uint32_t fruitless = 0;         // Groups in a row that lost their peers before a step was done.

  uint64_t steps() const { return record.spec.training().steps(); }
  bool ended() const { return IsFinal(record.state); }
  // All steps done and their result kept.
  bool trained() const { return checkpoint() != nullptr && checkpoint()->step == steps(); }
  bool paused() const { return record.state == v1::PAUSED; }
  // It is to be held after `step`; stands there.
  bool HoldsAfter(uint64_t step) const { return step > 0 && step == record.hold_step; }
  bool at_hold() const { return HoldsAfter(record.step); }
  // The last step that its groups may do for now.
  uint64_t last_step() const { return record.hold_step > 0 ? record.hold_step : steps(); }
  // Whether workers are wanted for training.
  bool wants_group() const {
    return !announced && !ended() && !paused() && !trained() && !group.has_value();
  }
  // Whether its group is to end at a step boundary, with a checkpoint.
  bool stops() const {
    const bool comes_to_hold = group.has_value() && HoldsAfter(group->planned());
    return record.pausing || preempted || comes_to_hold;
  }

  // What its groups are to add up with; may be AUTO.
  v1::Reducer reducer() const {
    return reducer_fallback ? v1::COORDINATOR : record.spec.workers().reducer();
  }
  uint32_t min_workers() const { return record.spec.workers().min(); }
  size_t max_workers() const {
    return record.spec.workers().max() == 0 ? SIZE_MAX : record.spec.workers().max();
  }
  // The latest; null if there is none.
  const CheckpointRecord* checkpoint() const {
    return checkpoints.empty() ? nullptr : &checkpoints.back();
  }
  // The one of that step; null if there is none.
  const CheckpointRecord* checkpoint(uint64_t step) const {
    for (const CheckpointRecord& checkpoint : checkpoints) {
      if (checkpoint.step == step) return &checkpoint;
    }
    return nullptr;
  }
  // The one whose steps had the lowest mean training loss, the earliest of equals; null if there is
  // none of which that is known.
  const CheckpointRecord* best_checkpoint() const;
  // Steps done in the state that training begins with: those of another job's checkpoint, or none.
  uint64_t first_step() const { return record.spec.start_from().step(); }
  // The file to go on from if no worker holds a state that is as far: the latest checkpoint, or the
  // one that the job was forked from; none: the initial state.
  std::optional<CheckpointRecord> ResumePoint() const;
  // Whether training can go on from `step` without computing anything again.
  bool IsKept(uint64_t step) const { return step == first_step() || checkpoint(step) != nullptr; }
  // A checkpoint is due after `step`: by the specification, whatever happens.
  bool CheckpointAt(uint64_t step) const {
    const uint64_t every = record.spec.checkpoints().every_steps();
    return step == steps() || (every > 0 && step % every == 0);
  }
  // The same, or because it is held there.
  bool GetsCheckpoint(uint64_t step) const { return CheckpointAt(step) || HoldsAfter(step); }
  // The members compare their parameters after `step`.
  bool DigestAt(uint64_t step) const {
    const uint64_t every = record.spec.checkpoints().digest_every_steps();
    return CheckpointAt(step) || every <= 1 || step % every == 0;
  }
  uint32_t shards() const {
    const uint32_t per_shard = record.spec.training().tasks_per_shard();
    return (record.spec.training().tasks_per_step() + per_shard - 1) / per_shard;
  }
};

inline const CheckpointRecord* Job::best_checkpoint() const {
  const CheckpointRecord* best = nullptr;
  double lowest = std::numeric_limits<double>::infinity();
  for (const CheckpointRecord& checkpoint : checkpoints) {
    const auto loss = losses.find(checkpoint.step);
    if (loss == losses.end() || !(loss->second < lowest)) continue;
    lowest = loss->second;
    best = &checkpoint;
  }
  return best;
}

inline std::optional<CheckpointRecord> Job::ResumePoint() const {
  if (checkpoint() != nullptr) return *checkpoint();
  if (!record.spec.has_start_from()) return std::nullopt;
  CheckpointRecord start;
  start.job_id = record.spec.start_from().job();
  start.step = record.spec.start_from().step();
  start.sha256 = record.spec.start_from().checkpoint_sha256();
  return start;
}

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_JOB_H_
