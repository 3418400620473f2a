#include "worker/reducers/coordinator_reducer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/protocol.h"

namespace outerloop::worker {
namespace {

static_assert(std::endian::native == std::endian::little, "words travel as they lie in memory");

constexpr size_t kChunkWords = kBlobChunkBytes / sizeof(int64_t);

// What the end of the stream means to a member. Whatever else broke it, the way to the peers is
// lost.
absl::Status FromStreamEnd(const grpc::Status& status) {
  if (status.ok()) return absl::UnavailableError("all-reduce: the coordinator closed the stream");
  const std::string message = absl::StrCat("all-reduce: ", status.error_message());
  return status.error_code() == grpc::StatusCode::ABORTED ? absl::AbortedError(message)
                                                          : absl::UnavailableError(message);
}

}  // namespace

CoordinatorReducer::CoordinatorReducer(const std::shared_ptr<grpc::Channel>& channel,
                                       const v1::ReduceHeader& header,
                                       std::function<void()> on_chunk)
    : stub_(v1::WorkerService::NewStub(channel)), header_(header), on_chunk_(std::move(on_chunk)) {}

absl::Status CoordinatorReducer::Connect(std::span<const std::string>, absl::Time) {
  absl::MutexLock lock(&mu_);
  if (!status_.ok()) return status_;
  stub_->async()->AllReduce(&context_, this);
  AddHold();  // Writes are started from AllReduce; released when reading ends.
  done_ = false;
  *outgoing_.mutable_header() = header_;
  writing_ = true;
  StartWrite(&outgoing_);
  StartRead(&incoming_);
  StartCall();
  return absl::OkStatus();
}

CoordinatorReducer::~CoordinatorReducer() {
  Abort();
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(&done_));
}

absl::Status CoordinatorReducer::AllReduce(std::span<int64_t> words, absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  if (done_ && status_.ok()) return absl::FailedPreconditionError("all-reduce: not connected");
  words_ = words;
  sent_ = received_ = 0;
  WriteNext();
  if (!mu_.AwaitWithDeadline(absl::Condition(this, &CoordinatorReducer::RoundEnded), deadline)) {
    Fail(absl::DeadlineExceededError("all-reduce: the other members did not answer in time"));
  }
  words_ = {};
  sent_ = received_ = 0;
  ++round_;
  return status_;
}

void CoordinatorReducer::Abort() {
  absl::MutexLock lock(&mu_);
  Fail(absl::AbortedError("all-reduce: aborted, for the generation has ended"));
}

void CoordinatorReducer::Fail(absl::Status status) {
  if (!status_.ok()) return;
  status_ = std::move(status);
  context_.TryCancel();
}

void CoordinatorReducer::WriteNext() {
  if (writing_ || ended_ || !status_.ok() || sent_ == words_.size()) return;
  const auto chunk = words_.subspan(sent_, std::min(kChunkWords, words_.size() - sent_));
  outgoing_.Clear();
  outgoing_.set_round(round_);
  outgoing_.set_offset(sent_);
  outgoing_.set_data(chunk.data(), chunk.size_bytes());
  sent_ += chunk.size();
  writing_ = true;
  StartWrite(&outgoing_);
}

void CoordinatorReducer::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mu_);
  writing_ = false;
  if (ok) WriteNext();
}

void CoordinatorReducer::OnReadDone(bool ok) {
  {
    absl::MutexLock lock(&mu_);
    if (ok && status_.ok()) {
      if (absl::Status status = TakeSums(); !status.ok()) Fail(std::move(status));
    }
    ended_ = !ok;
  }
  ok ? StartRead(&incoming_) : RemoveHold();
}

absl::Status CoordinatorReducer::TakeSums() {
  const size_t size = incoming_.data().size();
  const bool follows = incoming_.round() == round_ && incoming_.offset() == received_;
  if (!follows || size % sizeof(int64_t) != 0 || size / sizeof(int64_t) > sent_ - received_) {
    return absl::UnavailableError(absl::StrCat("all-reduce: the coordinator sent ", size,
                                               " bytes for element ", incoming_.offset(),
                                               " of round ", incoming_.round(), ", but element ",
                                               received_, " of round ", round_, " comes next"));
  }
  std::memcpy(words_.data() + received_, incoming_.data().data(), size);
  received_ += size / sizeof(int64_t);
  if (on_chunk_) on_chunk_();
  return absl::OkStatus();
}

void CoordinatorReducer::OnDone(const grpc::Status& status) {
  absl::MutexLock lock(&mu_);
  if (status_.ok()) status_ = FromStreamEnd(status);
  done_ = true;
}

}  // namespace outerloop::worker
