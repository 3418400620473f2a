#include "worker/member/member.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outerloop::worker {
namespace {

// The group that an operation is of, if it ends with one.
std::optional<GroupId> OwnerOf(const Operation& operation) {
  if (const auto* prepare = std::get_if<Prepare>(&operation)) return GroupOf(prepare->join);
  if (const auto* take = std::get_if<TakeState>(&operation)) return GroupOf(take->start);
  if (const auto* step = std::get_if<TakeStep>(&operation)) return GroupOf(step->plan);
  if (const auto* keep = std::get_if<KeepCheckpoint>(&operation)) {
    return GroupId{keep->job_id, keep->generation};
  }
  return std::nullopt;
}

bool IsEvaluation(const Operation& operation) {
  return std::holds_alternative<ScoreShard>(operation);
}

// Whether a group's sums go through the coordinator.
bool NeedsCoordinator(const v1::JoinGroup& join) {
  return join.size() > 1 && join.reducer() != v1::GLOO && join.reducer() != v1::NCCL;
}

}  // namespace

Actions Member::Apply(MemberEvent event) {
  actions_.clear();
  if (finished_) return {};
  std::visit([this](auto& e) { On(std::move(e)); }, event);
  Proceed();
  return std::move(actions_);
}

// ---- Connections

void Member::On(const Connected& event) {
  if (connection_) On(ConnectionLost{*connection_});
  connection_ = event.connection;
  v1::WorkerMessage message;
  *message.mutable_hello() = hello_;
  if (held_.proto()) *message.mutable_hello()->mutable_held() = DescribeHeld();
  Say(std::move(message));
  if (leaving_) SayLeaving();
}

v1::HeldState Member::DescribeHeld() const {
  v1::HeldState held = *held_.proto();
  if (group_ && group_->started) {
    held.set_generation(group_->id.generation);
    held.set_planned_step(group_->planned);
  }
  return held;
}

void Member::On(const ConnectionLost& event) {
  if (connection_ != event.connection) return;
  connection_.reset();
  // Nobody waits for their answers any more.
  std::erase_if(waiting_, [](const Task& task) { return IsEvaluation(*task.operation); });
  if (running_ && running_->connection == event.connection) CancelRunning();
  if (group_ && (group_->needs_coordinator || !group_->start_received)) EndGroup();
}

void Member::Say(v1::WorkerMessage message) {
  if (connection_) actions_.push_back(Send{*connection_, std::move(message)});
}

void Member::SayLeaving() {
  v1::WorkerMessage message;
  message.mutable_leaving();
  Say(std::move(message));
}

// ---- Messages

void Member::On(Received event) {
  if (connection_ != event.connection) return;
  v1::CoordinatorMessage& message = event.message;
  switch (message.kind_case()) {
    case v1::CoordinatorMessage::kJoinGroup:
      return Join(std::move(*message.mutable_join_group()));
    case v1::CoordinatorMessage::kStartGroup:
      return Start(std::move(*message.mutable_start_group()));
    case v1::CoordinatorMessage::kStepPlan:
      return Plan(std::move(*message.mutable_step_plan()));
    case v1::CoordinatorMessage::kLeaveGroup:
      return Leave(message.leave_group());
    case v1::CoordinatorMessage::kEvaluateShard:
      return Enqueue(ScoreShard{std::move(*message.mutable_evaluate_shard())}, event.connection);
    case v1::CoordinatorMessage::kWelcome:
    case v1::CoordinatorMessage::kHeartbeat:
    case v1::CoordinatorMessage::KIND_NOT_SET:
      return;
  }
}

void Member::Join(v1::JoinGroup join) {
  const GroupId group = GroupOf(join);
  if (!group.IsNewerThan(latest_)) return;
  EndGroup();
  latest_ = group;
  group_ = Group{.id = group, .needs_coordinator = NeedsCoordinator(join)};
  Enqueue(Prepare{std::move(join)});
}

void Member::Start(v1::StartGroup start) {
  if (!IsIn(GroupOf(start)) || group_->start_received) return;
  group_->start_received = true;
  group_->rank = start.rank();
  group_->planned = start.step();
  Enqueue(TakeState{std::move(start)});
}

void Member::Plan(v1::StepPlan plan) {
  if (!IsIn(GroupOf(plan)) || !group_->start_received || plan.step() <= group_->planned) return;
  if (plan.step() != group_->planned + 1) {
    return FailGroup(v1::GroupFailed::PEERS, absl::StrCat("the plan of step ", plan.step(),
                                                          " came, but the last before it "
                                                          "was of step ",
                                                          group_->planned));
  }
  group_->planned = plan.step();
  Enqueue(TakeStep{std::move(plan)});
}

void Member::Leave(const v1::LeaveGroup& leave) {
  if (group_ && group_->id.job_id == leave.job_id() &&
      group_->id.generation <= leave.generation()) {
    EndGroup();
  }
}

// ---- Outcomes

void Member::On(OperationEnded event) {
  if (!running_ || running_->number != event.number) return;
  const Task task = *std::exchange(running_, std::nullopt);
  std::visit([&](auto& outcome) { Conclude(task, std::move(outcome)); }, event.outcome);
}

void Member::Conclude(const Task& task, Prepared outcome) {
  const GroupId group = *OwnerOf(*task.operation);
  resumed_generation_ = std::get<Prepare>(*task.operation).join.resumed_generation();
  if (!outcome.held_step) held_.Clear();
  if (!IsIn(group)) return;
  v1::WorkerMessage message;
  v1::Ready& ready = *message.mutable_ready();
  ready.set_job_id(group.job_id);
  ready.set_generation(group.generation);
  if (outcome.held_step) ready.set_held_step(*outcome.held_step);
  ready.set_endpoint(std::move(outcome.endpoint));
  Say(std::move(message));
}

void Member::Conclude(const Task& task, StateTaken) {
  const v1::StartGroup& start = std::get<TakeState>(*task.operation).start;
  held_.Set(start.job_id(), start.step(), resumed_generation_);
  if (!IsIn(GroupOf(start))) return;
  group_->started = true;
  if (start.checkpoint()) KeepCheckpointOf(start.step());
}

void Member::Conclude(const Task& task, StepTaken outcome) {
  const v1::StepPlan& plan = std::get<TakeStep>(*task.operation).plan;
  held_.Advance(outcome.metrics, outcome.parameters_sha256);
  // Said also of a group that has been left meanwhile: the next one goes on from this step.
  v1::WorkerMessage message;
  v1::StepDone& done = *message.mutable_step_done();
  done.set_job_id(plan.job_id());
  done.set_generation(plan.generation());
  done.set_step(plan.step());
  done.set_parameters_sha256(std::move(outcome.parameters_sha256));
  *done.mutable_metrics() = std::move(outcome.metrics);
  done.set_tasks(outcome.tasks);
  done.set_adapt_seconds(outcome.adapt_seconds);
  Say(std::move(message));
  if (plan.checkpoint() && IsIn(GroupOf(plan))) KeepCheckpointOf(plan.step());
}

void Member::Conclude(const Task& task, ShardScored outcome) {
  if (connection_ != task.connection) return;
  const v1::EvaluateShard& request = std::get<ScoreShard>(*task.operation).request;
  v1::WorkerMessage message;
  v1::EvaluationShardDone& done = *message.mutable_evaluation_shard_done();
  done.set_evaluation_id(request.evaluation_id());
  done.set_shard(request.shard().index());
  done.mutable_series()->Add(outcome.series.begin(), outcome.series.end());
  done.mutable_samples()->Add(outcome.samples.begin(), outcome.samples.end());
  Say(std::move(message));
}

void Member::Conclude(const Task& task, Failure outcome) {
  if (const std::optional<GroupId> group = OwnerOf(*task.operation)) {
    if (IsIn(*group)) FailGroup(outcome.cause, outcome.reason);
    return;
  }
  if (!IsEvaluation(*task.operation) || connection_ != task.connection) return;
  const v1::EvaluateShard& request = std::get<ScoreShard>(*task.operation).request;
  v1::WorkerMessage message;
  v1::EvaluationShardFailed& failed = *message.mutable_evaluation_shard_failed();
  failed.set_evaluation_id(request.evaluation_id());
  failed.set_shard(request.shard().index());
  failed.set_reason(outcome.reason);
  Say(std::move(message));
}

void Member::On(const CheckpointRefused& event) {
  if (group_ && group_->id.job_id == event.job_id) {
    FailGroup(event.failure.cause, event.failure.reason);
  }
}

// ---- Groups

void Member::KeepCheckpointOf(uint64_t step) {
  if (group_->rank != 0) return;
  EnqueueFirst(KeepCheckpoint{group_->id.job_id, group_->id.generation, step});
}

void Member::FailGroup(v1::GroupFailed::Cause cause, const std::string& reason) {
  v1::WorkerMessage message;
  v1::GroupFailed& failed = *message.mutable_group_failed();
  failed.set_job_id(group_->id.job_id);
  failed.set_generation(group_->id.generation);
  failed.set_step(held_.StepOf(group_->id.job_id).value_or(0));
  failed.set_reason(reason);
  failed.set_cause(cause);
  Say(std::move(message));
  EndGroup();
}

void Member::EndGroup() {
  if (!group_) return;
  std::erase_if(waiting_, [](const Task& task) { return !IsEvaluation(*task.operation); });
  if (running_ && OwnerOf(*running_->operation) == group_->id) CancelRunning();
  group_.reset();
  EnqueueFirst(CloseGroup{});
}

// ---- Operations

void Member::Enqueue(Operation operation, uint64_t connection) {
  waiting_.push_back({.connection = connection,
                      .operation = std::make_shared<const Operation>(std::move(operation))});
}

void Member::EnqueueFirst(Operation operation) {
  waiting_.push_front({.operation = std::make_shared<const Operation>(std::move(operation))});
}

void Member::CancelRunning() { actions_.push_back(CancelOperation{running_->number}); }

void Member::Proceed() {
  if (running_ || finished_) return;
  if (!waiting_.empty()) {
    running_ = std::move(waiting_.front());
    waiting_.pop_front();
    running_->number = ++begun_;
    actions_.push_back(Begin{running_->number, running_->operation});
  } else if (leaving_ && !(group_ && connection_)) {
    FinishNow();
  }
}

// ---- Stopping

void Member::On(const ShutdownRequested&) {
  if (std::exchange(leaving_, true)) return FinishNow();
  if (running_ || !waiting_.empty() || group_) SayLeaving();
}

void Member::FinishNow() {
  if (running_) CancelRunning();
  actions_.push_back(Finish{});
  finished_ = true;
}

}  // namespace outerloop::worker
