// A worker's part in the training of one job. docs/design.md, "A training step".
#ifndef OUTERLOOP_WORKER_GROUP_MEMBER_H_
#define OUTERLOOP_WORKER_GROUP_MEMBER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/cancellation.h"
#include "worker/mailbox.h"
#include "worker/reducers/reducer.h"
#include "worker/trainer.h"
#include "worker/workplace.h"

namespace outerloop::worker {

// The member of one group at a time:
//
//   no group --Join--> joined --Start--> started --Step--> started ..
//
// and back to no group by Leave, a newer Join, a lost connection, or an error. The training state
// is always at a step boundary and outlives groups: a later group of the same job goes on from it.
// Messages of other groups than the present one are ignored. Used by the compute thread alone;
// calls block while they work, and are cut short when the mailbox gets what makes the work
// pointless.
//
// An error that a new group would not have (a lost peer, a lost connection) ends the membership
// and, unless the coordinator ended the generation itself, the connection, so that the coordinator
// forms a new group. Any other error is reported as GroupFailed: the job fails.
class GroupMember {
 public:
  explicit GroupMember(const Workplace& workplace) : workplace_(workplace) {}

  // Leaves any group, gets data and model ready, answers Ready over that connection.
  void Join(uint64_t connection, const v1::JoinGroup& join);
  // Takes over the state that the group starts from.
  void Start(const v1::StartGroup& start);
  // Computes, reduces, updates; answers StepDone; stores the checkpoint asked for. A plan
  // of a step that is done already is ignored.
  void Step(const v1::StepPlan& plan);
  void Leave(const v1::LeaveGroup& leave);
  void LoseConnection() { group_.reset(); }

 private:
  // Membership in one generation. Destroyed in the reverse order: what points first goes first.
  struct Group {
    GroupId id;
    uint64_t connection = 0;
    Cancellation cancellation;            // Set when the membership ends.
    std::optional<v1::StartGroup> start;  // Once started.
    std::unique_ptr<Reducer> reducer;
    std::optional<Cancellation::Callback> abort_reducer;
    std::optional<Mailbox::Watch> watch;
  };

  bool IsIn(const std::string& job_id, uint64_t generation) const;

  // Makes trainer_ one of the job, with the state it has if it is of the same specification.
  absl::Status Prepare(const v1::JoinGroup& join);
  absl::Status OpenReducer(const v1::StartGroup& start);
  absl::StatusOr<TrainingState> StartingState(const v1::StartGroup& start);
  // Every member takes part, also those that hold the state already.
  absl::StatusOr<TrainingState> Broadcast(const v1::StartGroup& start);

  absl::Status TakeStep(const v1::StepPlan& plan);
  // The group's sums of the step.
  absl::StatusOr<ExactSum> ReduceShards(const std::vector<Shard>& shards);
  // Applies them. What the answer says of the step, but for tasks and seconds.
  absl::StatusOr<v1::StepDone> Update(const ExactSum& sum);
  // If this is the member of rank 0. Tries until it is stored or the generation has ended.
  absl::Status StoreCheckpoint();
  absl::Status TryToStore(const v1::StoreCheckpointHeader& header, const std::string& bytes);

  uint64_t StepsDone() const;
  void Send(v1::WorkerMessage message);
  // Ends the membership because of `status`.
  void Fail(const absl::Status& status);

  const Workplace& workplace_;
  std::string job_id_;                // Of trainer_.
  std::unique_ptr<Trainer> trainer_;  // Null before the first group.
  std::unique_ptr<Group> group_;      // Null: in no group.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_GROUP_MEMBER_H_
