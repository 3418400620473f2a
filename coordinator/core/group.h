// The workers of one job between two membership changes.
#ifndef OUTERLOOP_COORDINATOR_CORE_GROUP_H_
#define OUTERLOOP_COORDINATOR_CORE_GROUP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
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
    kDraining,  // Ends after a step that is given out or soon will be; then the next group forms.
    kBroken,    // No more plans; ends soon: a member has said that it cannot go on.
    kDisputed,  // No more plans; ends when all members have reported the disputed step.
  };

  // Members by rank; not empty. `reducer` is what they add up with, never AUTO.
  Group(uint64_t generation, std::vector<SessionId> members, v1::Reducer reducer);

  // One that is running already: `done` is the last step that each member has finished, by rank,
  // none of them beyond `planned`, which all have plans up to.
  static Group Adopt(uint64_t generation, std::vector<SessionId> members, v1::Reducer reducer,
                     const std::vector<uint64_t>& done, uint64_t planned);

  uint64_t generation() const { return generation_; }
  v1::Reducer reducer() const { return reducer_; }
  const std::vector<SessionId>& members() const { return members_; }
  Phase phase() const { return phase_; }
  bool Has(SessionId session) const { return ranks_.contains(session); }
  uint32_t RankOf(SessionId member) const { return ranks_.at(member); }
  uint32_t size() const { return static_cast<uint32_t>(members_.size()); }

  // ---- Forming

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

  // ---- Running

  // The next steps to give out so that `window` steps are out beyond the slowest member, up to step
  // `last`, or the one that a draining group ends after. Empty unless running or draining.
  std::vector<uint64_t> PlanSteps(uint64_t window, uint64_t last);
  // The plan of this step asks for a checkpoint that the specification does not.
  void NoteExtraCheckpoint(uint64_t step) { extra_checkpoints_.insert(step); }
  bool HasExtraCheckpoint(uint64_t step) const { return extra_checkpoints_.contains(step); }
  // In these steps, each rank has got so many shards.
  void NoteDealt(const std::vector<uint64_t>& steps, std::vector<uint32_t> shards);
  // How many shards a member has got in a step that not all have finished; nothing if not known.
  std::optional<uint32_t> DealtTo(SessionId member, uint64_t step) const;

  enum class Report {
    kAccepted,
    kUnexpected,  // Not the member's next step, or not given out: to be ignored.
    kMismatch,    // Accepted, but another member has reported another digest: disputed from now on.
  };
  // A member has finished a step with this parameters digest, empty if it was not asked for.
  Report MarkDone(SessionId session, uint64_t step, const std::string& parameters_sha256);

  // Running -> draining: ends after what is given out. Nothing otherwise.
  void Drain() {
    if (phase_ == Phase::kRunning) DrainAfter(planned_);
  }
  // Running or draining -> draining: ends after `step`, or what is given out if that is further.
  // Nothing otherwise.
  void DrainAfter(uint64_t step);
  // Anything but disputed -> broken.
  void Break();

  // The step that every member has finished.
  uint64_t finished() const { return at_step_.empty() ? planned_ : at_step_.begin()->first; }
  // The last step that was given out; the start point before there is one.
  uint64_t planned() const { return planned_; }
  // Nothing that was given out is outstanding.
  bool idle() const { return finished() == planned_; }
  // It was draining, and has come to its end.
  bool drained() const { return phase_ == Phase::kDraining && finished() == last_; }
  // Whether it drains, and ends after this step.
  bool EndsAfter(uint64_t step) const { return phase_ == Phase::kDraining && step == last_; }
  // What this member has to do: it is not ready, or has not finished what was given out.
  bool HasWork(SessionId session) const;

  // ---- Disputed

  // Nothing more is to be expected from a member.
  void MarkGone(SessionId session);
  // Whether everybody who is not gone has reported the disputed step.
  bool settled() const;
  uint64_t disputed_step() const { return disputed_step_; }
  // The ranks that have reported each digest after the disputed step.
  std::map<std::string, std::vector<uint32_t>> digests() const;

 private:
  struct Member {
    bool ready = false;
    bool gone = false;
    std::optional<uint64_t> held_step;  // When it became ready.
    std::string endpoint;
    uint64_t first = 0;  // It has reported the steps after this one,
    uint64_t done = 0;   // up to this one. Once started.
  };
  // What was reported after one step.
  struct Ballot {
    std::string digest;                         // The first.
    std::map<uint32_t, std::string> otherwise;  // By rank, of those who report another one.
  };

  Member* Find(SessionId session);

  uint64_t generation_;
  std::vector<SessionId> members_;
  v1::Reducer reducer_;
  Phase phase_ = Phase::kForming;
  std::unordered_map<SessionId, uint32_t> ranks_;
  std::vector<Member> states_;            // By rank.
  uint32_t ready_ = 0;                    // How many are.
  std::map<uint64_t, uint32_t> at_step_;  // How many have finished which step last, once started.
  // Of steps that not all have finished: how many shards each rank got.
  std::map<uint64_t, std::shared_ptr<const std::vector<uint32_t>>> dealt_;
  std::map<uint64_t, Ballot> ballots_;    // Of steps that not all have finished, or is disputed.
  std::set<uint64_t> extra_checkpoints_;  // Steps.
  StartPoint start_;
  uint64_t planned_ = 0;  // The last step given out.
  uint64_t last_ = 0;     // While draining: ends after this step, planned_ or later.
  uint64_t disputed_step_ = 0;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_GROUP_H_
