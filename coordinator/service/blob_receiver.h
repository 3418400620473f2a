// A client stream of a header and chunks as a blob.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_BLOB_RECEIVER_H_
#define OUTERLOOP_COORDINATOR_SERVICE_BLOB_RECEIVER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/grpc_status.h"
#include "common/protocol.h"
#include "common/status_macros.h"
#include "coordinator/service/idle_guard.h"
#include "coordinator/store/blob_store.h"
#include "grpcpp/support/server_callback.h"
#include "prometheus/counter.h"

namespace outerloop::coordinator {

// For requests of the form { oneof part { Header header; BlobChunk chunk; } } with a header that
// has sha256 and size_bytes. Deletes itself when the call is over.
template <typename Request, typename Header>
class BlobReceiver final : public grpc::ServerReadReactor<Request> {
 public:
  using Finished = std::function<void(absl::Status)>;
  // Called with the header, before any chunk: the writer that takes them, or null if the blob is
  // there and none is to come. An error ends the call.
  using Begin = std::function<absl::StatusOr<std::unique_ptr<BlobStore::Writer>>(const Header&)>;
  // Called once the blob is durable; must call `finished`, from any thread, once.
  using Complete = std::function<void(const Header&, Finished finished)>;

  // Counts bytes by `received`, which must outlive the call. Ends the call with UNAVAILABLE when
  // nothing has come for about `patience`: who was held up goes on with another call.
  BlobReceiver(prometheus::Counter& received, absl::Duration patience, Begin begin,
               Complete complete)
      : received_(received), begin_(std::move(begin)), complete_(std::move(complete)) {
    guard_ = std::make_unique<IdleGuard>(patience, [this, patience] {
      End(absl::UnavailableError(absl::StrCat("nothing came for ", absl::FormatDuration(patience),
                                              "; send the rest with another call")));
    });
    this->StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    guard_->Touch();
    const absl::Status status = ok ? Take() : Conclude();
    if (!status.ok()) {
      End(status);
    } else if (ok) {
      this->StartRead(&request_);
    }
  }
  void OnDone() override { delete this; }

 private:
  absl::Status Take() {
    if (request_.has_header()) {
      if (has_header_) return absl::InvalidArgumentError("a second header in one stream");
      has_header_ = true;
      header_ = request_.header();
      ASSIGN_OR_RETURN(writer_, begin_(header_));
      return absl::OkStatus();
    }
    if (!has_header_) return absl::InvalidArgumentError("the first message has no header");
    if (writer_ == nullptr) return absl::InvalidArgumentError("no chunk is to come");
    if (request_.chunk().data().size() > kBlobChunkBytes) {
      return absl::InvalidArgumentError("a chunk is larger than 1 MiB");
    }
    received_.Increment(static_cast<double>(request_.chunk().data().size()));
    return writer_->Append(request_.chunk().data());
  }

  // The client has said all it had to say, or is gone; the digest tells.
  absl::Status Conclude() {
    if (!has_header_) return absl::InvalidArgumentError("the stream has no header");
    if (writer_ != nullptr) RETURN_IF_ERROR(writer_->Finish());
    writer_ = nullptr;
    if (ended_) return absl::OkStatus();
    guard_ = nullptr;  // What is still to be waited for is not the client.
    complete_(header_, [this](const absl::Status& status) { End(status); });
    return absl::OkStatus();
  }

  // The first one counts.
  void End(const absl::Status& status) {
    if (!ended_.exchange(true)) this->Finish(ToGrpcStatus(status));
  }

  prometheus::Counter& received_;
  const Begin begin_;
  const Complete complete_;
  Request request_;
  bool has_header_ = false;
  Header header_;
  std::unique_ptr<BlobStore::Writer> writer_;
  std::atomic<bool> ended_ = false;
  std::unique_ptr<IdleGuard> guard_;  // Last: it calls End.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_BLOB_RECEIVER_H_
