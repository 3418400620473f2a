#include "worker/group_member.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/sha256.h"
#include "common/specification_digest.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"
#include "worker/checkpoint.h"
#include "worker/shard.h"

namespace outerloop::worker {
namespace {

// Whether a new group of the same job might not have this error.
bool IsOfThisGroupOnly(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status) || absl::IsAborted(status);
}

// Whether storing a checkpoint may succeed later.
bool IsWorthRetrying(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsDataLoss(status);
}

}  // namespace

// ---- Joining and leaving

void GroupMember::Join(uint64_t connection, const v1::JoinGroup& join) {
  if (group_ != nullptr && group_->id.job_id == join.job_id() &&
      group_->id.generation >= join.generation()) {
    return;
  }
  group_ = std::make_unique<Group>();
  group_->id = {join.job_id(), join.generation()};
  group_->connection = connection;
  group_->watch.emplace(workplace_.mailbox, group_->id, /*until_closed=*/true,
                        group_->cancellation);
  if (absl::Status status = Prepare(join); !status.ok()) return Fail(status);

  v1::WorkerMessage message;
  v1::Ready& ready = *message.mutable_ready();
  ready.set_job_id(join.job_id());
  ready.set_generation(join.generation());
  if (trainer_->state()) ready.set_held_step(trainer_->state()->step);
  Send(std::move(message));
}

absl::Status GroupMember::Prepare(const v1::JoinGroup& join) {
  const std::string digest = SpecificationDigest(join.spec(), join.dataset_sha256());
  if (trainer_ != nullptr && job_id_ == join.job_id() &&
      trainer_->experiment().specification_sha256() == digest) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(
      trainer_, workplace_.trainers.Make(join.spec(), join.dataset_sha256(), group_->cancellation));
  job_id_ = join.job_id();
  workplace_.session.ClearHeld();
  return absl::OkStatus();
}

void GroupMember::Leave(const v1::LeaveGroup& leave) {
  v1::CoordinatorMessage message;
  *message.mutable_leave_group() = leave;
  if (group_ != nullptr && Supersedes(message, group_->id)) group_.reset();
}

bool GroupMember::IsIn(const std::string& job_id, uint64_t generation) const {
  return group_ != nullptr && group_->id == GroupId{job_id, generation};
}

// ---- Starting

void GroupMember::Start(const v1::StartGroup& start) {
  if (!IsIn(start.job_id(), start.generation()) || group_->start) return;
  if (absl::Status status = OpenReducer(start); !status.ok()) return Fail(status);
  absl::StatusOr<TrainingState> state = StartingState(start);
  if (state.ok() && state->step != start.step()) {
    state = absl::InternalError(
        absl::StrCat("the group's state is of step ", state->step, ", not of step ", start.step()));
  }
  if (!state.ok()) return Fail(state.status());
  trainer_->set_state(*std::move(state));
  workplace_.session.SetHeld(job_id_, start.step());
  group_->start = start;
  // From now on a shutdown waits for the step that is under way.
  group_->watch.emplace(workplace_.mailbox, group_->id, /*until_closed=*/false,
                        group_->cancellation);
  spdlog::info("job {}, generation {}: rank {} of {}, from step {}", start.job_id(),
               start.generation(), start.rank(), start.size(), start.step());
  if (!start.checkpoint()) return;
  if (absl::Status status = StoreCheckpoint(); !status.ok()) Fail(status);
}

absl::Status GroupMember::OpenReducer(const v1::StartGroup& start) {
  v1::ReduceHeader header;
  header.set_job_id(start.job_id());
  header.set_generation(start.generation());
  header.set_rank(start.rank());
  header.set_size(start.size());
  ASSIGN_OR_RETURN(group_->reducer, workplace_.make_reducer(v1::COORDINATOR, header));
  group_->abort_reducer.emplace(group_->cancellation,
                                [reducer = group_->reducer.get()] { reducer->Abort(); });
  return absl::OkStatus();
}

absl::StatusOr<TrainingState> GroupMember::StartingState(const v1::StartGroup& start) {
  switch (start.state_case()) {
    case v1::StartGroup::kInitial:
      return trainer_->InitialState();
    case v1::StartGroup::kCheckpointSha256:
      return workplace_.trainers.FetchState(start.checkpoint_sha256(), trainer_->experiment(),
                                            group_->cancellation);
    case v1::StartGroup::kBroadcastFromRank:
      return Broadcast(start);
    case v1::StartGroup::STATE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("StartGroup says no state to start from");
}

absl::StatusOr<TrainingState> GroupMember::Broadcast(const v1::StartGroup& start) {
  const bool is_source = start.rank() == start.broadcast_from_rank();
  if (is_source && !trainer_->state()) {
    return absl::InternalError(
        "asked to broadcast a training state that this worker does not hold");
  }
  ASSIGN_OR_RETURN(TrainingState shape, trainer_->InitialState());
  std::vector<int64_t> words(WordCount(shape));
  if (is_source) words = ToWords(*trainer_->state());
  RETURN_IF_ERROR(group_->reducer->AllReduce(words, absl::Now() + workplace_.reduce_timeout));
  return FromWords(words, std::move(shape));
}

// ---- Steps

void GroupMember::Step(const v1::StepPlan& plan) {
  if (!IsIn(plan.job_id(), plan.generation()) || !group_->start) return;
  if (plan.step() <= StepsDone()) return;
  if (absl::Status status = TakeStep(plan); !status.ok()) Fail(status);
}

absl::Status GroupMember::TakeStep(const v1::StepPlan& plan) {
  if (plan.step() != StepsDone() + 1) {
    return absl::UnavailableError(absl::StrCat("the plan of step ", plan.step(), " came, but ",
                                               StepsDone(), " is the last step done"));
  }
  const absl::Time begin = absl::Now();
  const std::vector<Shard> shards = FromProto(plan);
  ASSIGN_OR_RETURN(const ExactSum sum, ReduceShards(shards));
  ASSIGN_OR_RETURN(v1::StepDone done, Update(sum));
  done.mutable_metrics()->set_seconds(absl::ToDoubleSeconds(absl::Now() - begin));
  for (const Shard& shard : shards) done.set_tasks(done.tasks() + shard.tasks.size());
  workplace_.metrics.steps.Increment();
  workplace_.metrics.tasks.Increment(static_cast<double>(done.tasks()));

  workplace_.session.AddHeldStep(done.metrics());
  v1::WorkerMessage message;
  *message.mutable_step_done() = std::move(done);
  Send(std::move(message));
  return plan.checkpoint() ? StoreCheckpoint() : absl::OkStatus();
}

absl::StatusOr<ExactSum> GroupMember::ReduceShards(const std::vector<Shard>& shards) {
  std::optional<PhaseTimer> phase(std::in_place, workplace_.metrics.adapt);
  ASSIGN_OR_RETURN(ExactSum sum, trainer_->ComputeShards(shards, group_->cancellation));
  phase.emplace(workplace_.metrics.reduce);
  RETURN_IF_ERROR(group_->reducer->AllReduce(sum.words(), absl::Now() + workplace_.reduce_timeout));
  return sum;
}

absl::StatusOr<v1::StepDone> GroupMember::Update(const ExactSum& sum) {
  const PhaseTimer phase(workplace_.metrics.update);
  v1::StepDone done;
  ASSIGN_OR_RETURN(*done.mutable_metrics(), trainer_->Apply(sum));
  const Sha256Digest digest = trainer_->state()->ParametersDigest();
  done.set_job_id(group_->id.job_id);
  done.set_generation(group_->id.generation);
  done.set_step(StepsDone());
  done.set_parameters_sha256(digest.data(), digest.size());
  return done;
}

// ---- Checkpoints

absl::Status GroupMember::StoreCheckpoint() {
  if (group_->start->rank() != 0) return absl::OkStatus();
  const TrainingState& state = *trainer_->state();
  const std::string bytes = ToCheckpoint(state, trainer_->experiment());
  v1::StoreCheckpointHeader header;
  header.set_job_id(group_->id.job_id);
  header.set_generation(group_->id.generation);
  header.set_step(state.step);
  header.set_sha256(Sha256Hex(bytes));
  header.set_size_bytes(bytes.size());
  header.set_parameters_sha256(ToHex(state.ParametersDigest()));
  Backoff backoff(workplace_.store_backoff, std::hash<std::string>()(header.sha256()));
  while (true) {
    const absl::Status status = TryToStore(header, bytes);
    if (!IsWorthRetrying(status)) return status;
    // A worker that shuts down leaves the group anyway; the group stores a later checkpoint.
    if (workplace_.mailbox.closed()) return absl::OkStatus();
    spdlog::warn("{}; trying again", status.ToString());
    if (group_->cancellation.WaitFor(backoff.Next())) return status;
  }
}

absl::Status GroupMember::TryToStore(const v1::StoreCheckpointHeader& header,
                                     const std::string& bytes) {
  const absl::Status status = workplace_.files.StoreCheckpoint(
      header, bytes, workplace_.store_timeout, group_->cancellation);
  // The coordinator's word for a generation that has ended.
  return absl::IsFailedPrecondition(status) ? absl::AbortedError(status.message()) : status;
}

// ---- Answers

uint64_t GroupMember::StepsDone() const {
  const bool holds_state = trainer_ != nullptr && job_id_ == group_->id.job_id && trainer_->state();
  return holds_state ? trainer_->state()->step : 0;
}

void GroupMember::Send(v1::WorkerMessage message) {
  workplace_.session.Send(group_->connection, std::move(message));
}

void GroupMember::Fail(const absl::Status& status) {
  const bool was_ended = group_->cancellation.cancelled() || absl::IsAborted(status);
  spdlog::warn("job {}, generation {}: {}", group_->id.job_id, group_->id.generation,
               was_ended ? "ended by the coordinator" : status.ToString());
  if (!was_ended && IsOfThisGroupOnly(status)) {
    workplace_.session.Reset(group_->connection, status);
  } else if (!was_ended) {
    v1::WorkerMessage message;
    v1::GroupFailed& failed = *message.mutable_group_failed();
    failed.set_job_id(group_->id.job_id);
    failed.set_generation(group_->id.generation);
    failed.set_step(StepsDone());
    failed.set_reason(std::string(status.message()));
    Send(std::move(message));
  }
  group_.reset();
}

}  // namespace outerloop::worker
