#include "coordinator/service/worker_session.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/grpc_status.h"
#include "common/protocol.h"
#include "common/version.h"

namespace outerloop::coordinator {
namespace {

WorkerConnected ToEvent(SessionId session, const v1::Hello& hello) {
  WorkerConnected event{session,         hello.worker_id(), hello.host(), hello.pid(),
                        hello.threads(), hello.numerics(),  std::nullopt};
  if (hello.has_held()) {
    event.held = Held{hello.held().job_id(),
                      hello.held().step(),
                      {hello.held().recent().begin(), hello.held().recent().end()}};
  }
  return event;
}

MemberReady ToEvent(SessionId session, const v1::Ready& ready) {
  return {session, ready.job_id(), ready.generation(),
          ready.has_held_step() ? std::make_optional(ready.held_step()) : std::nullopt};
}

StepFinished ToEvent(SessionId session, const v1::StepDone& done) {
  StepFinished event{session, done.job_id(), done.generation(),
                     absl::BytesToHexString(done.parameters_sha256()), done.metrics()};
  event.metrics.set_step(done.step());
  return event;
}

ShardScored ToEvent(SessionId session, const v1::EvaluationShardDone& done) {
  return {session,
          {done.evaluation_id(), done.shard(), {done.series().begin(), done.series().end()}}};
}

}  // namespace

WorkerSession::WorkerSession(Engine& engine, SessionRegistry& sessions)
    : engine_(engine), sessions_(sessions), id_(sessions.NewId()) {
  StartRead(&incoming_);
}

void WorkerSession::OnReadDone(bool ok) {
  if (!ok) return Close(absl::OkStatus());  // The worker has said goodbye, or is gone.
  const absl::Status status = greeted_ ? Take(incoming_) : Greet(incoming_);
  if (!status.ok()) return Close(status);
  StartRead(&incoming_);
}

absl::Status WorkerSession::Greet(const v1::WorkerMessage& message) {
  const v1::Hello& hello = message.hello();
  if (!message.has_hello() || hello.worker_id().empty()) {
    return absl::InvalidArgumentError("the first message of a session must be a complete hello");
  }
  if (hello.protocol_version() != kWorkerProtocolVersion) {
    return absl::FailedPreconditionError(
        absl::StrFormat("the worker speaks protocol version %d, this coordinator (outerloop %s) "
                        "version %d; run the "
                        "worker of the same release",
                        hello.protocol_version(), kVersion, kWorkerProtocolVersion));
  }
  greeted_ = true;
  v1::CoordinatorMessage welcome;
  welcome.mutable_welcome()->set_coordinator_version(kVersion);
  Send(std::move(welcome));
  sessions_.Add(id_, this);
  engine_.Post(ToEvent(id_, hello));
  return absl::OkStatus();
}

absl::Status WorkerSession::Take(const v1::WorkerMessage& message) {
  switch (message.kind_case()) {
    case v1::WorkerMessage::kReady:
      engine_.Post(ToEvent(id_, message.ready()));
      return absl::OkStatus();
    case v1::WorkerMessage::kStepDone:
      engine_.Post(ToEvent(id_, message.step_done()));
      return absl::OkStatus();
    case v1::WorkerMessage::kGroupFailed:
      engine_.Post(MemberFailed{id_, message.group_failed().job_id(),
                                message.group_failed().generation(),
                                message.group_failed().reason()});
      return absl::OkStatus();
    case v1::WorkerMessage::kEvaluationShardDone:
      engine_.Post(ToEvent(id_, message.evaluation_shard_done()));
      return absl::OkStatus();
    case v1::WorkerMessage::kEvaluationShardFailed:
      engine_.Post(ShardFailed{id_, message.evaluation_shard_failed().evaluation_id(),
                               message.evaluation_shard_failed().shard(),
                               message.evaluation_shard_failed().reason()});
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("unexpected message of kind ", message.kind_case()));
  }
}

void WorkerSession::Send(v1::CoordinatorMessage message) {
  absl::MutexLock lock(&mu_);
  if (close_.has_value()) return;
  outgoing_.push_back(std::move(message));
  if (outgoing_.size() == 1) WriteNext();
}

void WorkerSession::Close(const absl::Status& status) {
  absl::MutexLock lock(&mu_);
  if (!close_.has_value()) close_ = status;
  if (outgoing_.empty()) WriteNext();
}

void WorkerSession::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mu_);
  outgoing_.pop_front();
  if (!ok) {
    outgoing_.clear();
    if (!close_.has_value()) close_ = absl::CancelledError("the worker is gone");
  }
  WriteNext();
}

void WorkerSession::WriteNext() {
  if (!outgoing_.empty()) {
    StartWrite(&outgoing_.front());
  } else if (close_.has_value() && !std::exchange(finished_, true)) {
    Finish(ToGrpcStatus(*close_));
  }
}

void WorkerSession::OnCancel() { Close(absl::CancelledError("the worker is gone")); }

void WorkerSession::OnDone() {
  sessions_.Remove(id_);
  if (greeted_) engine_.Post(WorkerLost{id_});
  delete this;
}

}  // namespace outerloop::coordinator
