// A client stream of a header and chunks as a blob.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_BLOB_RECEIVER_H_
#define OUTERLOOP_COORDINATOR_SERVICE_BLOB_RECEIVER_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/grpc_status.h"
#include "common/protocol.h"
#include "common/status_macros.h"
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

  // Counts bytes by `received`, which must outlive the call.
  BlobReceiver(prometheus::Counter& received, Begin begin, Complete complete)
      : received_(received), begin_(std::move(begin)), complete_(std::move(complete)) {
    this->StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    const absl::Status status = ok ? Take() : Conclude();
    if (!status.ok()) {
      this->Finish(ToGrpcStatus(status));
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
    complete_(header_, [this](const absl::Status& status) { this->Finish(ToGrpcStatus(status)); });
    return absl::OkStatus();
  }

  prometheus::Counter& received_;
  const Begin begin_;
  const Complete complete_;
  Request request_;
  bool has_header_ = false;
  Header header_;
  std::unique_ptr<BlobStore::Writer> writer_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_BLOB_RECEIVER_H_
