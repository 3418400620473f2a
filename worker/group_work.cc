#include "worker/group_work.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/sha256.h"
#include "common/specification_digest.h"
#include "common/status_macros.h"
#include "worker/member/failure.h"
#include "worker/shard.h"

namespace outerloop::worker {
namespace {

v1::ReduceHeader HeaderOf(const v1::JoinGroup& join) {
  v1::ReduceHeader header;
  header.set_job_id(join.job_id());
  header.set_generation(join.generation());
  header.set_rank(join.rank());
  header.set_size(join.size());
  return header;
}

absl::Duration Since(absl::Time begin) { return absl::Now() - begin; }

// As long as it lives, setting `cancellation` aborts `reducer`.
Cancellation::Callback AbortingOn(Cancellation& cancellation, Reducer& reducer) {
  return Cancellation::Callback(cancellation, [&reducer] { reducer.Abort(); });
}

}  // namespace

// ---- Forming a group

Outcome GroupWork::Do(const Prepare& prepare, Cancellation& cancellation) {
  workplace_.progress.Enter(v1::Heartbeat::PREPARE);
  if (absl::Status status = MakeTrainer(prepare.join, cancellation); !status.ok()) {
    return ToFailure(status);
  }
  if (absl::Status status = MakeReducer(prepare.join); !status.ok()) {
    // Another kind of reducer may do.
    return Failure{v1::GroupFailed::UNREACHABLE, std::string(status.message())};
  }
  Prepared prepared;
  prepared.endpoint = reducer_->endpoint();
  if (trainer_->state()) prepared.held_step = trainer_->state()->step;
  return prepared;
}

absl::Status GroupWork::MakeTrainer(const v1::JoinGroup& join, Cancellation& cancellation) {
  const std::string digest = SpecificationDigest(join.spec(), join.dataset_sha256());
  if (trainer_ != nullptr && job_id_ == join.job_id() &&
      resumed_generation_ == join.resumed_generation() &&
      trainer_->experiment().specification_sha256() == digest) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(trainer_,
                   workplace_.trainers.Make(join.spec(), join.dataset_sha256(), cancellation));
  job_id_ = join.job_id();
  resumed_generation_ = join.resumed_generation();
  return absl::OkStatus();
}

absl::Status GroupWork::MakeReducer(const v1::JoinGroup& join) {
  ASSIGN_OR_RETURN(reducer_, workplace_.make_reducer(join.reducer(), HeaderOf(join)));
  return absl::OkStatus();
}

Outcome GroupWork::Do(const TakeState& take, Cancellation& cancellation) {
  const v1::StartGroup& start = take.start;
  workplace_.progress.Enter(v1::Heartbeat::TRANSFER, start.step());
  const Cancellation::Callback abort = AbortingOn(cancellation, *reducer_);
  if (absl::Status status = Connect(start); !status.ok()) return ToConnectFailure(status);
  absl::StatusOr<TrainingState> state = StartingState(start, cancellation);
  if (state.ok() && state->step != start.step()) {
    state = absl::InternalError(
        absl::StrCat("the group's state is of step ", state->step, ", not of step ", start.step()));
  }
  if (!state.ok()) return ToFailure(state.status());
  trainer_->set_state(*std::move(state));
  ready_since_ = absl::Now();
  return StateTaken{};
}

absl::Status GroupWork::Connect(const v1::StartGroup& start) {
  const std::vector<std::string> endpoints(start.endpoints().begin(), start.endpoints().end());
  return reducer_->Connect(endpoints, absl::Now() + workplace_.connect_timeout);
}

absl::StatusOr<TrainingState> GroupWork::StartingState(const v1::StartGroup& start,
                                                       Cancellation& cancellation) {
  switch (start.state_case()) {
    case v1::StartGroup::kInitial:
      return trainer_->InitialState();
    case v1::StartGroup::kCheckpointSha256:
      return workplace_.trainers.FetchState(start.checkpoint_sha256(), trainer_->experiment(),
                                            cancellation);
    case v1::StartGroup::kBroadcastFromRank:
      return Broadcast(start);
    case v1::StartGroup::STATE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("StartGroup says no state to start from");
}

absl::StatusOr<TrainingState> GroupWork::Broadcast(const v1::StartGroup& start) {
  const bool is_source = start.rank() == start.broadcast_from_rank();
  if (is_source && !trainer_->state()) {
    return absl::InternalError(
        "asked to broadcast a training state that this worker does not hold");
  }
  ASSIGN_OR_RETURN(TrainingState shape, trainer_->InitialState());
  std::vector<int64_t> words(WordCount(shape));
  if (is_source) words = ToWords(*trainer_->state());
  // From here on it waits for its peers, who may be slower.
  workplace_.progress.Enter(v1::Heartbeat::REDUCE, start.step());
  RETURN_IF_ERROR(reducer_->AllReduce(words, absl::Now() + workplace_.reduce_timeout));
  return FromWords(words, std::move(shape));
}

Outcome GroupWork::Do(const CloseGroup&, Cancellation&) {
  workplace_.progress.Enter(v1::Heartbeat::PREPARE);
  reducer_.reset();
  return GroupClosed{};
}

// ---- Steps

Outcome GroupWork::Do(const TakeStep& take, Cancellation& cancellation) {
  const Cancellation::Callback abort = AbortingOn(cancellation, *reducer_);
  absl::StatusOr<StepTaken> taken = Step(take.plan, cancellation);
  if (!taken.ok()) return ToFailure(taken.status());
  workplace_.metrics.steps.Increment();
  workplace_.metrics.tasks.Increment(static_cast<double>(taken->tasks));
  return *std::move(taken);
}

absl::StatusOr<StepTaken> GroupWork::Step(const v1::StepPlan& plan, Cancellation& cancellation) {
  if (plan.step() != trainer_->state()->step + 1) {
    return absl::InternalError(absl::StrCat("asked for step ", plan.step(),
                                            ", but the state is of "
                                            "step ",
                                            trainer_->state()->step));
  }
  const absl::Time begin = absl::Now();
  workplace_.metrics.plan.Observe(absl::ToDoubleSeconds(begin - ready_since_));
  StepTaken taken;
  ASSIGN_OR_RETURN(ExactSum sum, Adapt(plan, cancellation, taken));
  RETURN_IF_ERROR(Reduce(plan, sum));
  RETURN_IF_ERROR(Update(plan, sum, taken));
  ready_since_ = absl::Now();
  taken.metrics.set_seconds(absl::ToDoubleSeconds(ready_since_ - begin));
  return taken;
}

absl::StatusOr<ExactSum> GroupWork::Adapt(const v1::StepPlan& plan, Cancellation& cancellation,
                                          StepTaken& taken) {
  workplace_.progress.Enter(v1::Heartbeat::ADAPT, plan.step());
  const PhaseTimer timer(workplace_.metrics.adapt);
  const absl::Time begin = absl::Now();
  const std::vector<Shard> shards = FromProto(plan);
  ASSIGN_OR_RETURN(ExactSum sum, trainer_->ComputeShards(shards, cancellation));
  for (const Shard& shard : shards) taken.tasks += shard.tasks.size();
  taken.adapt_seconds = absl::ToDoubleSeconds(Since(begin));
  return sum;
}

absl::Status GroupWork::Reduce(const v1::StepPlan& plan, ExactSum& sum) {
  workplace_.progress.Enter(v1::Heartbeat::REDUCE, plan.step());
  const PhaseTimer timer(workplace_.metrics.reduce);
  return reducer_->AllReduce(sum.words(), absl::Now() + workplace_.reduce_timeout);
}

absl::Status GroupWork::Update(const v1::StepPlan& plan, const ExactSum& sum, StepTaken& taken) {
  workplace_.progress.Enter(v1::Heartbeat::UPDATE, plan.step());
  const PhaseTimer timer(workplace_.metrics.update);
  ASSIGN_OR_RETURN(taken.metrics, trainer_->Apply(sum));
  if (plan.digest() || plan.checkpoint()) {
    const Sha256Digest digest = trainer_->state()->ParametersDigest();
    taken.parameters_sha256.assign(digest.begin(), digest.end());
  }
  return absl::OkStatus();
}

Outcome GroupWork::Do(const KeepCheckpoint& keep, Cancellation& cancellation) {
  workplace_.progress.Enter(v1::Heartbeat::CHECKPOINT, keep.step);
  const absl::Status status =
      checkpoints_.Add({keep.job_id, keep.generation}, trainer_->shared_experiment(),
                       *trainer_->state(), cancellation);
  if (!status.ok()) return ToFailure(status);
  return CheckpointKept{};
}

}  // namespace outerloop::worker
