#include "worker/session_stream.h"

#include <utility>

#include "common/grpc_status.h"

namespace outerloop::worker {

SessionStream::SessionStream(v1::WorkerService::Stub& stub, Receiver receiver)
    : stub_(stub), receiver_(std::move(receiver)) {}

SessionStream::~SessionStream() {
  Cancel();
  WaitUntilDone(absl::InfiniteFuture());
}

void SessionStream::Start() {
  stub_.async()->Session(&context_, this);
  AddHold();  // Writes are started from other threads; released when reading ends.
  StartRead(&incoming_);
  StartCall();
}

void SessionStream::Send(v1::WorkerMessage message) {
  absl::MutexLock lock(&mu_);
  Push(std::move(message));
}

void SessionStream::SendIfQuiet(v1::WorkerMessage message) {
  absl::MutexLock lock(&mu_);
  if (outgoing_.empty()) Push(std::move(message));
}

void SessionStream::Push(v1::WorkerMessage message) {
  if (ended_ || finishing_) return;
  outgoing_.push_back(std::move(message));
  WriteNext();
}

void SessionStream::FinishWriting() {
  absl::MutexLock lock(&mu_);
  if (ended_ || finishing_) return;
  finishing_ = true;
  WriteNext();
}

void SessionStream::WriteNext() {
  if (writing_ || ended_) return;
  if (!outgoing_.empty()) {
    writing_ = true;
    StartWrite(&outgoing_.front());
  } else if (finishing_) {
    writing_ = true;  // For good: nothing may be written after this.
    StartWritesDone();
  }
}

void SessionStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mu_);
  outgoing_.pop_front();
  if (!ok) return;  // The stream is broken: its read ends too.
  writing_ = false;
  WriteNext();
}

void SessionStream::OnReadDone(bool ok) {
  if (ok) {
    receiver_(std::move(incoming_));
    incoming_.Clear();
    StartRead(&incoming_);
    return;
  }
  {
    absl::MutexLock lock(&mu_);
    ended_ = true;
  }
  RemoveHold();
}

void SessionStream::OnDone(const grpc::Status& status) {
  absl::MutexLock lock(&mu_);
  status_ = FromGrpcStatus(status);
  done_ = true;
}

bool SessionStream::WaitUntilDone(absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  return mu_.AwaitWithDeadline(absl::Condition(&done_), deadline);
}

absl::Status SessionStream::status() const {
  absl::MutexLock lock(&mu_);
  return status_;
}

}  // namespace outerloop::worker
