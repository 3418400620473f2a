#include "coordinator/service/all_reduce_stream.h"

#include <utility>

#include "common/grpc_status.h"
#include "common/status_macros.h"

namespace outerloop::coordinator {

AllReduceStream::AllReduceStream(AllReduceHub& hub) : hub_(hub) { StartRead(&incoming_); }

void AllReduceStream::OnReadDone(bool ok) {
  if (!ok) return End(absl::OkStatus());  // The member is done, or gone.
  const absl::Status status = Take(incoming_);
  if (!status.ok()) return End(status);
  StartRead(&incoming_);
}

absl::Status AllReduceStream::Take(const v1::ReduceChunk& chunk) {
  if (exchange_ != nullptr) return exchange_->Contribute(chunk);
  if (!chunk.has_header()) return absl::InvalidArgumentError("the first chunk has no header");
  ASSIGN_OR_RETURN(std::shared_ptr<AllReduceExchange> exchange, hub_.Find(chunk.header()));
  RETURN_IF_ERROR(exchange->Join(this));
  exchange_ = std::move(exchange);
  return absl::OkStatus();
}

void AllReduceStream::Deliver(const v1::ReduceChunk& chunk) {
  absl::MutexLock lock(&mu_);
  if (end_.has_value()) return;
  outgoing_.push_back(chunk);
  if (!writing_) WriteNext();
}

void AllReduceStream::End(const absl::Status& status) {
  absl::MutexLock lock(&mu_);
  if (!end_.has_value()) end_ = status;
  if (!writing_) WriteNext();
}

void AllReduceStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mu_);
  writing_ = false;
  outgoing_.pop_front();
  if (!ok && !end_.has_value()) end_ = absl::CancelledError("the member is gone");
  WriteNext();
}

void AllReduceStream::WriteNext() {
  if (end_.has_value()) {
    if (!std::exchange(finished_, true)) Finish(ToGrpcStatus(*end_));
  } else if (!outgoing_.empty()) {
    writing_ = true;
    StartWrite(&outgoing_.front());
  }
}

void AllReduceStream::OnCancel() { End(absl::CancelledError("the member is gone")); }

void AllReduceStream::OnDone() {
  if (exchange_ != nullptr) exchange_->Leave(this);
  delete this;
}

}  // namespace outerloop::coordinator
