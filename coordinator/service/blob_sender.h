// A file as a server stream of chunks.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_BLOB_SENDER_H_
#define OUTERLOOP_COORDINATOR_SERVICE_BLOB_SENDER_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/grpc_status.h"
#include "common/mapped_file.h"
#include "common/protocol.h"
#include "grpcpp/support/server_callback.h"
#include "outerloop/v1/artifact.pb.h"
#include "prometheus/counter.h"

namespace outerloop::coordinator {

// Writes an optional first message, then the file's bytes. `chunk_of` names the place of the chunk
// in a message. Deletes itself when the call is over. One chunk is in flight at a time, so a slow
// reader costs one chunk of memory.
template <typename Response>
class BlobSender final : public grpc::ServerWriteReactor<Response> {
 public:
  using ChunkOf = std::function<v1::BlobChunk*(Response*)>;

  // Counts bytes by `sent`, which must outlive the call.
  BlobSender(std::optional<Response> first, std::shared_ptr<const MappedFile> file,
             ChunkOf chunk_of, prometheus::Counter& sent)
      : file_(std::move(file)), chunk_of_(std::move(chunk_of)), sent_bytes_(&sent) {
    if (first.has_value()) {
      response_ = *std::move(first);
      this->StartWrite(&response_);
    } else {
      Next();
    }
  }

  // A call that ends with an error before anything was sent.
  explicit BlobSender(const absl::Status& error) { this->Finish(ToGrpcStatus(error)); }

  void OnWriteDone(bool ok) override {
    if (ok) {
      Next();
    } else {
      this->Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

 private:
  void Next() {
    const auto bytes = file_->bytes();
    if (sent_ == bytes.size()) {
      this->Finish(grpc::Status::OK);
      return;
    }
    const size_t size = std::min(kBlobChunkBytes, bytes.size() - sent_);
    chunk_of_(&response_)->set_data(bytes.data() + sent_, size);
    sent_ += size;
    sent_bytes_->Increment(static_cast<double>(size));
    this->StartWrite(&response_);
  }

  std::shared_ptr<const MappedFile> file_;
  ChunkOf chunk_of_;
  prometheus::Counter* const sent_bytes_ = nullptr;  // Null if there is nothing to send.
  Response response_;
  size_t sent_ = 0;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_BLOB_SENDER_H_
