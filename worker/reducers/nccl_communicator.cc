#include "worker/reducers/nccl_communicator.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace outerloop::worker {

absl::Status NcclCommunicator::Open() {
  if (stream_ != nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(api_.UseDevice());
  ASSIGN_OR_RETURN(stream_, api_.CreateStream());
  return absl::OkStatus();
}

absl::StatusOr<std::string> NcclCommunicator::MakeId() {
  RETURN_IF_ERROR(Open());
  return api_.UniqueId();
}

absl::Status NcclCommunicator::Connect(const std::string& id, int size, int rank) {
  RETURN_IF_ERROR(Open());
  ASSIGN_OR_RETURN(const NcclProgress progress, api_.InitRank(&comm_, size, id, rank));
  if (progress == NcclProgress::kDone) return absl::OkStatus();
  return Await([this] { return api_.Error(comm_); });
}

absl::Status NcclCommunicator::Reserve(size_t words) {
  RETURN_IF_ERROR(FreeMemory());
  ASSIGN_OR_RETURN(host_, api_.AllocateHost(words));
  ASSIGN_OR_RETURN(device_, api_.AllocateDevice(words));
  capacity_ = words;
  return absl::OkStatus();
}

absl::Status NcclCommunicator::Sum(size_t words) {
  if (comm_ == nullptr) return absl::FailedPreconditionError("all-reduce: not connected");
  RETURN_IF_ERROR(api_.CopyToDevice(device_, host_, words, stream_));
  ASSIGN_OR_RETURN(const NcclProgress progress, api_.AllReduce(device_, words, comm_, stream_));
  // Only what is in the queue can be followed by the copy back.
  if (progress == NcclProgress::kInProgress) {
    RETURN_IF_ERROR(Await([this] { return api_.Error(comm_); }));
  }
  RETURN_IF_ERROR(api_.CopyToHost(host_, device_, words, stream_));
  // The stream never ends if a peer is lost; only the communicator says so.
  return Await([this]() -> absl::StatusOr<NcclProgress> {
    RETURN_IF_ERROR(api_.Error(comm_).status());
    return api_.QueryStream(stream_);
  });
}

absl::Status NcclCommunicator::Await(const Question& question) const {
  while (true) {
    ASSIGN_OR_RETURN(const NcclProgress progress, question());
    if (progress == NcclProgress::kDone) return absl::OkStatus();
    if (stop_.WaitFor(poll_)) return absl::AbortedError("stopped");
  }
}

absl::Status NcclCommunicator::Close(absl::Duration finalize) {
  absl::Status first;
  if (comm_ != nullptr) {
    if (finalize > absl::ZeroDuration()) {
      const absl::Status status = Finalize(absl::Now() + finalize);
      if (!status.ok()) spdlog::info("nccl: no clean end: {}", std::string(status.message()));
    }
    first = api_.Abort(std::exchange(comm_, nullptr));
  }
  first.Update(FreeMemory());
  if (stream_ != nullptr) first.Update(api_.DestroyStream(std::exchange(stream_, nullptr)));
  return first;
}

absl::Status NcclCommunicator::Finalize(absl::Time deadline) {
  ASSIGN_OR_RETURN(NcclProgress progress, api_.Finalize(comm_));
  if (progress == NcclProgress::kDone) return absl::OkStatus();
  return Await([this, deadline]() -> absl::StatusOr<NcclProgress> {
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("a peer still uses this rank");
    return api_.Error(comm_);
  });
}

absl::Status NcclCommunicator::FreeMemory() {
  absl::Status first;
  capacity_ = 0;
  if (device_ != nullptr) first.Update(api_.FreeDevice(std::exchange(device_, nullptr)));
  if (host_ != nullptr) first.Update(api_.FreeHost(std::exchange(host_, nullptr)));
  return first;
}

}  // namespace outerloop::worker
