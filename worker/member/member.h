// A worker's control logic: what it does next, and what it says. docs/design.md, "Worker".
#ifndef OUTERLOOP_WORKER_MEMBER_MEMBER_H_
#define OUTERLOOP_WORKER_MEMBER_MEMBER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "outerloop/v1/worker_service.pb.h"
#include "worker/member/action.h"
#include "worker/member/event.h"
#include "worker/member/group_id.h"
#include "worker/member/held_record.h"

namespace outerloop::worker {

// A state machine without I/O, clock, thread or lock: the same events give the same actions. The
// member of one group at a time:
//
//   no group --JoinGroup--> preparing --StartGroup--> started --StepPlan--> started ..
//
// and back to no group by a newer JoinGroup, by LeaveGroup, or by a failure, which it reports. The
// training state is always at a step boundary and outlives groups: a later group of the same job
// goes on from it. Messages of groups other than the present one are ignored, and so are plans that
// it has already.
//
// A connection that is lost ends a group that has not been started, and one whose reducer needs the
// coordinator. Any other group goes on to the end of the plans it has; the next Hello says so, and
// what it has not been able to report.
//
// One operation runs at a time; what is to be done waits in order. When a group ends, its running
// operation is cancelled and what waits of it is dropped.
//
// To stop, it says Leaving, and finishes once it is in no group and nothing is left to do; without
// a connection, once its plans are done.
//
// Thread-compatible.
class Member {
 public:
  // `hello` is what the worker says of itself: all but `held`.
  explicit Member(v1::Hello hello) : hello_(std::move(hello)) {}

  // What follows from `event`, in order. Nothing after Finish.
  Actions Apply(MemberEvent event);

 private:
  struct Group {
    GroupId id;
    bool needs_coordinator = false;  // Its sums go through it.
    bool start_received = false;
    bool started = false;  // Has taken over the state.
    uint32_t rank = 0;
    uint64_t planned = 0;  // Once start_received: the last step that it has a plan of.
  };
  struct Task {
    uint64_t number = 0;      // Once begun.
    uint64_t connection = 0;  // Of an evaluation: where the answer goes.
    std::shared_ptr<const Operation> operation;
  };

  // ---- Events
  void On(const Connected& event);
  void On(const ConnectionLost& event);
  void On(Received event);
  void On(OperationEnded event);
  void On(const CheckpointRefused& event);
  void On(const ShutdownRequested& event);

  // ---- Messages
  void Join(v1::JoinGroup join);
  void Start(v1::StartGroup start);
  void Plan(v1::StepPlan plan);
  void Leave(const v1::LeaveGroup& leave);

  // ---- Outcomes. A group that has been left, or superseded, is no longer spoken for.
  void Conclude(const Task& task, Prepared outcome);
  void Conclude(const Task& task, StateTaken outcome);
  void Conclude(const Task& task, StepTaken outcome);
  void Conclude(const Task&, CheckpointKept) {}
  void Conclude(const Task&, GroupClosed) {}
  void Conclude(const Task& task, ShardScored outcome);
  void Conclude(const Task& task, Failure outcome);

  // ---- Groups
  bool IsIn(const GroupId& group) const { return group_ && group_->id == group; }
  // Reports that the group is over for this member, and ends it.
  void FailGroup(v1::GroupFailed::Cause cause, const std::string& reason);
  void EndGroup();
  // If this is the member of rank 0.
  void KeepCheckpointOf(uint64_t step);
  v1::HeldState DescribeHeld() const;

  // ---- Operations
  void Enqueue(Operation operation, uint64_t connection = 0);
  void EnqueueFirst(Operation operation);
  void CancelRunning();
  // Begins what waits first, or finishes, if it is time for either.
  void Proceed();
  void FinishNow();

  // Over the present connection, if there is one.
  void Say(v1::WorkerMessage message);
  void SayLeaving();

  const v1::Hello hello_;
  std::optional<uint64_t> connection_;
  HeldRecord held_;
  uint64_t resumed_generation_ = 0;  // Of the JoinGroup that was prepared for last.
  std::optional<Group> group_;
  GroupId latest_;  // The last group that it was told to join.

  std::deque<Task> waiting_;
  std::optional<Task> running_;
  uint64_t begun_ = 0;  // Operations so far.

  bool leaving_ = false;
  bool finished_ = false;
  Actions actions_;  // Of the event being applied.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_MEMBER_MEMBER_H_
