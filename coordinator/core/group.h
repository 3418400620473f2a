// The workers of one job between two membership changes.
#ifndef OUTERLOOP_COORDINATOR_CORE_GROUP_H_
#define OUTERLOOP_COORDINATOR_CORE_GROUP_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/core/effects.h"
#include "coordinator/core/event.h"

namespace outerloop::coordinator {

// One generation. Its members never change: when somebody leaves or joins, another Group follows
// with the next number. Pure bookkeeping: the caller sends and saves. Thread-compatible.
class Group {
 public:
  enum class Phase {
    kForming,   // Members prepare.
    kRunning,   // Plans are given out as steps are done.
    kDraining,  // No more plans; ends when those given out are done, so that others may join.
  };

  // Members by rank; not empty.
  Group(uint64_t generation, std::vector<SessionId> members);

  uint64_t generation() const { return generation_; }
  const std::vector<SessionId>& members() const { return members_; }
  Phase phase() const { return phase_; }
  bool Has(SessionId session) const;
  uint32_t size() const { return static_cast<uint32_t>(members_.size()); }

  // A member is prepared, and may hold a training state. True once all are.
  bool MarkReady(SessionId session, std::optional<uint64_t> held_step);

  // Forming -> running. From the member that is furthest ahead (the lowest rank of equals), else
  // from the checkpoint, else from the beginning; a checkpoint that is further ahead than every
  // member wins.
  StartPoint Start(const std::optional<CheckpointRecord>& checkpoint);

  // The next steps to give out so that `window` steps are out beyond the slowest member, up to step
  // `last`. Empty unless running.
  std::vector<uint64_t> PlanSteps(uint64_t window, uint64_t last);

  enum class Report {
    kAccepted,
    kUnexpected,  // Not the member's next step, or not given out: to be ignored.
    kMismatch,    // Another member has reported another digest for this step.
  };
  // A member has finished a step with this parameters digest.
  Report MarkDone(SessionId session, uint64_t step, const std::string& parameters_sha256);

  // Running -> draining. Nothing otherwise.
  void Drain();

  // The step that every member has finished.
  uint64_t finished() const;
  // The last step that was given out; the start point before there is one.
  uint64_t planned() const { return planned_; }
  // Nothing that was given out is outstanding.
  bool idle() const { return finished() == planned_; }

 private:
  struct Digest {
    std::string parameters_sha256;
    uint32_t reports = 0;
  };

  const uint64_t generation_;
  const std::vector<SessionId> members_;
  Phase phase_ = Phase::kForming;
  std::map<SessionId, std::optional<uint64_t>> ready_;  // Held step of each member that is ready.
  std::map<SessionId, uint64_t> done_;                  // Once started.
  std::map<uint64_t, Digest> digests_;                  // Of steps that not all have finished.
  uint64_t planned_ = 0;                                // The last step given out.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_GROUP_H_
