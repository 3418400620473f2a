#include "coordinator/service/worker_session.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "common/grpc_status.h"
#include "common/protocol.h"
#include "common/status_macros.h"
#include "common/version.h"
#include "coordinator/service/worker_events.h"

namespace outerloop::coordinator {

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
  ASSIGN_OR_RETURN(Event event, ToEvent(id_, message));
  engine_.Post(std::move(event));
  return absl::OkStatus();
}

void WorkerSession::Send(v1::CoordinatorMessage message) {
  absl::MutexLock lock(&mu_);
  if (close_.has_value()) return;
  outgoing_.push_back(std::move(message));
  if (outgoing_.size() == 1) WriteNext();
}

void WorkerSession::Beat() {
  absl::MutexLock lock(&mu_);
  if (close_.has_value() || !outgoing_.empty()) return;
  outgoing_.emplace_back().mutable_heartbeat();
  WriteNext();
}

void WorkerSession::Close(const absl::Status& status) {
  absl::MutexLock lock(&mu_);
  if (!close_.has_value()) close_ = status;
  // A worker that does not listen any more need not be told what was to come.
  if (!status.ok() && outgoing_.size() > 1) outgoing_.erase(outgoing_.begin() + 1, outgoing_.end());
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
    // What follows at once may go into one packet with it.
    grpc::WriteOptions options;
    if (outgoing_.size() > 1) options.set_buffer_hint();
    StartWrite(&outgoing_.front(), options);
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
