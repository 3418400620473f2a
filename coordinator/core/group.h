// The workers of one job between two membership changes.
#ifndef OUTERLOOP_COORDINATOR_CORE_GROUP_H_
#define OUTERLOOP_COORDINATOR_CORE_GROUP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "coordinator/core/effects.h"
#include "coordinator/core/event.h"

namespace outerloop::coordinator {

// One generation. Its members never change: when somebody leaves or joins, another Group follows
// with the next number. Pure bookkeeping: the caller sends and saves. What a member reports costs
// O(log of the steps that are out), however many members there are. Thread-compatible.
class Group {
 public:
  enum class Phase {
    kForming,   // Members prepare.
    kRunning,   // Plans are given out as steps are done.
    kDraining,  // No more plans; ends when those given out are done, so that others may join.
  };

  // Members by rank; not empty. `reducer` is what they add up with, never AUTO.
  Group(uint64_t generation, std::vector<SessionId> members, v1::Reducer reducer);

  uint64_t generation() const { return generation_; }
  v1::Reducer reducer() const { return reducer_; }
  const std::vector<SessionId>& members() const { return members_; }
  Phase phase() const { return phase_; }
  bool Has(SessionId session) const { return ranks_.contains(session); }
  uint32_t size() const { return static_cast<uint32_t>(members_.size()); }

  // A member is prepared, and may hold a training state. True once all are.
  bool MarkReady(SessionId session, std::optional<uint64_t> held_step, std::string endpoint);
  // The members' endpoints by rank; null if their reducer needs none.
  std::shared_ptr<const std::vector<std::string>> endpoints() const;

  // Forming -> running. From the member that is furthest ahead (the lowest rank of equals), else
  // from the checkpoint, else from the beginning; a checkpoint that is further ahead than every
  // member wins.
  StartPoint Start(const std::optional<CheckpointRecord>& checkpoint);

  // What Start has returned; the beginning before.
  const StartPoint& start() const { return start_; }

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
  uint64_t finished() const { return at_step_.empty() ? planned_ : at_step_.begin()->first; }
  // The last step that was given out; the start point before there is one.
  uint64_t planned() const { return planned_; }
  // Nothing that was given out is outstanding.
  bool idle() const { return finished() == planned_; }

 private:
  struct Member {
    bool ready = false;
    std::optional<uint64_t> held_step;  // When it became ready.
    std::string endpoint;
    uint64_t done = 0;  // The last step it has finished, once started.
  };

  const uint64_t generation_;
  const std::vector<SessionId> members_;
  const v1::Reducer reducer_;
  Phase phase_ = Phase::kForming;
  std::unordered_map<SessionId, uint32_t> ranks_;
  std::vector<Member> states_;            // By rank.
  uint32_t ready_ = 0;                    // How many are.
  std::map<uint64_t, uint32_t> at_step_;  // How many have finished which step last, once started.
  std::map<uint64_t, std::string> digests_;  // Of steps that not all have finished.
  StartPoint start_;
  uint64_t planned_ = 0;  // The last step given out.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_GROUP_H_
