#include "worker/agent.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "spdlog/spdlog.h"
#include "worker/member/failure.h"

namespace outerloop::worker {
namespace {

// What is worth a line in the log.
void Log(const v1::WorkerMessage& message) {
  if (message.has_group_failed()) {
    const v1::GroupFailed& failed = message.group_failed();
    spdlog::warn("job {}, generation {}, after step {}: {} ({})", failed.job_id(),
                 failed.generation(), failed.step(), failed.reason(),
                 v1::GroupFailed::Cause_Name(failed.cause()));
  } else if (message.has_evaluation_shard_failed()) {
    const v1::EvaluationShardFailed& failed = message.evaluation_shard_failed();
    spdlog::warn("evaluation {}, shard {}: {}", failed.evaluation_id(), failed.shard(),
                 failed.reason());
  }
}

void Log(const Operation& operation) {
  if (const auto* take = std::get_if<TakeState>(&operation)) {
    const v1::StartGroup& start = take->start;
    spdlog::info("job {}, generation {}: rank {} of {}, from step {}", start.job_id(),
                 start.generation(), start.rank(), start.size(), start.step());
  }
}

// One function of several, for std::visit.
template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

Agent::Agent(v1::Hello hello, Session& session, Workplace workplace, const AgentOptions& options)
    : session_(session),
      workplace_(std::move(workplace)),
      options_(options),
      member_(std::move(hello)),
      checkpoints_(workplace_.files, WriterOptions(options.store_backoff)),
      work_(workplace_, checkpoints_),
      evaluator_(workplace_),
      executor_([this](const Operation& operation,
                       Cancellation& cancellation) { return Perform(operation, cancellation); },
                [this](uint64_t number, Outcome outcome) {
                  Apply(OperationEnded{number, std::move(outcome)});
                },
                workplace_.progress) {}

CheckpointWriterOptions Agent::WriterOptions(const BackoffOptions& backoff) {
  CheckpointWriterOptions options;
  options.backoff = backoff;
  options.on_try = [this] { workplace_.progress.Tick(); };
  options.on_stored = [this](absl::Duration taken) {
    workplace_.metrics.checkpoint.Observe(absl::ToDoubleSeconds(taken));
  };
  options.on_refused = [this](const GroupId& group, uint64_t, const absl::Status& status) {
    Apply(CheckpointRefused{group.job_id, ToFailure(status)});
  };
  return options;
}

// ---- Beginning and end

absl::Status Agent::Run() {
  session_.Open(*this);
  const absl::Time leave_by = WaitUntilFinished();
  executor_.Stop();
  const absl::Status refusal = session_.Close();
  if (absl::Status status = checkpoints_.Flush(leave_by); !status.ok()) {
    spdlog::warn("{}", status.ToString());
  }
  return refusal;
}

absl::Time Agent::WaitUntilFinished() {
  absl::MutexLock lock(&mu_);
  const auto is_stopping = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return finished_ || leave_by_ != absl::InfiniteFuture();
  };
  mu_.Await(absl::Condition(&is_stopping));
  if (!mu_.AwaitWithDeadline(absl::Condition(&finished_), leave_by_)) {
    spdlog::warn("the coordinator has not let this worker go in time: leaving without its word");
    ApplyLocked(ShutdownRequested{});
  }
  return std::min(leave_by_, absl::Now() + options_.leave_timeout);
}

void Agent::Shutdown() {
  absl::MutexLock lock(&mu_);
  const bool again = leave_by_ != absl::InfiniteFuture();
  leave_by_ = absl::Now() + (again ? absl::ZeroDuration() : options_.leave_timeout);
  ApplyLocked(ShutdownRequested{});
}

// ---- Events

void Agent::OnConnected(uint64_t connection) { Apply(Connected{connection}); }

void Agent::OnReceived(uint64_t connection, v1::CoordinatorMessage message) {
  Apply(Received{connection, std::move(message)});
}

void Agent::OnConnectionLost(uint64_t connection) { Apply(ConnectionLost{connection}); }

void Agent::OnRefused() {
  absl::MutexLock lock(&mu_);
  finished_ = true;
}

void Agent::Apply(MemberEvent event) {
  absl::MutexLock lock(&mu_);
  ApplyLocked(std::move(event));
}

void Agent::ApplyLocked(MemberEvent event) {
  for (Action& action : member_.Apply(std::move(event))) {
    // A lambda of its own: the analysis of locks does not see into std::visit's.
    std::visit([this](auto& a) ABSL_NO_THREAD_SAFETY_ANALYSIS { CarryOut(a); }, action);
  }
}

// ---- Actions

void Agent::CarryOut(Begin& begin) {
  Log(*begin.operation);
  executor_.Begin(begin.number, std::move(begin.operation));
}

void Agent::CarryOut(CancelOperation& cancel) { executor_.Cancel(cancel.number); }

void Agent::CarryOut(Send& send) {
  Log(send.message);
  session_.Send(send.connection, std::move(send.message));
}

void Agent::CarryOut(Finish&) { finished_ = true; }

Outcome Agent::Perform(const Operation& operation, Cancellation& cancellation) {
  return std::visit(Overloaded{
                        [&](const ScoreShard& score) { return evaluator_.Do(score, cancellation); },
                        [&](const auto& of_group) { return work_.Do(of_group, cancellation); },
                    },
                    operation);
}

}  // namespace outerloop::worker
