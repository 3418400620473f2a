// A worker's part in the training of jobs: the operations of its groups.
#ifndef OUTERLOOP_WORKER_GROUP_WORK_H_
#define OUTERLOOP_WORKER_GROUP_WORK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/exact_sum.h"
#include "outerloop/v1/worker_service.pb.h"
#include "worker/cancellation.h"
#include "worker/checkpoint_writer.h"
#include "worker/member/operation.h"
#include "worker/reducers/reducer.h"
#include "worker/trainer.h"
#include "worker/workplace.h"

namespace outerloop::worker {

// The trainer of one job, with the job's training state, and the reducer of one group. The state is
// always at a step boundary and outlives the group. Member says what is done when; nothing here
// looks at generations.
//
// Used by the executor's thread alone. Each operation blocks while it works and ends soon, in a
// Failure, once its cancellation is set; one that fails leaves the state as it was.
class GroupWork {
 public:
  // Both must outlive the object.
  GroupWork(const Workplace& workplace, CheckpointWriter& checkpoints)
      : workplace_(workplace), checkpoints_(checkpoints) {}

  Outcome Do(const Prepare& prepare, Cancellation& cancellation);
  Outcome Do(const TakeState& take, Cancellation& cancellation);
  Outcome Do(const TakeStep& take, Cancellation& cancellation);
  Outcome Do(const KeepCheckpoint& keep, Cancellation& cancellation);
  Outcome Do(const CloseGroup& close, Cancellation& cancellation);

 private:
  // Makes trainer_ one of the job, with the state it has if it is of the same specification and the
  // job was not resumed since.
  absl::Status MakeTrainer(const v1::JoinGroup& join, Cancellation& cancellation);
  absl::Status MakeReducer(const v1::JoinGroup& join);

  absl::Status Connect(const v1::StartGroup& start);
  absl::StatusOr<TrainingState> StartingState(const v1::StartGroup& start,
                                              Cancellation& cancellation);
  // Every member takes part, also those that hold the state already.
  absl::StatusOr<TrainingState> Broadcast(const v1::StartGroup& start);

  absl::StatusOr<StepTaken> Step(const v1::StepPlan& plan, Cancellation& cancellation);
  // This member's part of the group's sums; fills in what it says of the work.
  absl::StatusOr<ExactSum> Adapt(const v1::StepPlan& plan, Cancellation& cancellation,
                                 StepTaken& taken);
  absl::Status Reduce(const v1::StepPlan& plan, ExactSum& sum);
  absl::Status Update(const v1::StepPlan& plan, const ExactSum& sum, StepTaken& taken);

  const Workplace& workplace_;
  CheckpointWriter& checkpoints_;
  std::string job_id_;                // Of trainer_.
  uint64_t resumed_generation_ = 0;   // Of the JoinGroup that trainer_ was made for.
  std::unique_ptr<Trainer> trainer_;  // Null before the first group.
  std::unique_ptr<Reducer> reducer_;  // Null between groups.
  absl::Time ready_since_;            // For a step: since the state was taken, or the last step.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_GROUP_WORK_H_
