// A file on its way from the coordinator to a path here.
#ifndef OUTERLOOP_CLIENT_INCOMING_FILE_H_
#define OUTERLOOP_CLIENT_INCOMING_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/atomic_file.h"
#include "common/grpc_status.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "grpcpp/support/sync_stream.h"

namespace outerloop::client {

// Appears whole, with the right size and digest, or not at all. Thread-compatible.
class IncomingFile {
 public:
  static absl::StatusOr<IncomingFile> Create(const std::string& path);

  uint64_t size() const { return size_; }  // So far.

  absl::Status Append(const std::string& bytes);
  // DATA_LOSS if what has come is not what was announced; nothing is then written.
  absl::Status Commit(uint64_t size_bytes, const std::string& sha256);

 private:
  explicit IncomingFile(std::unique_ptr<AtomicFile> file) : file_(std::move(file)) {}

  std::unique_ptr<AtomicFile> file_;
  Sha256 digest_;
  uint64_t size_ = 0;
};

// Receives a stream of messages { oneof part { DESCRIPTION; BlobChunk chunk } } into the file at
// `path`. `take` is called with each message that has no chunk, and returns the description, which
// has size_bytes and sha256. `on_bytes` is called with the bytes received so far and in all.
template <typename Response, typename Take>
absl::Status ReceiveFile(grpc::ClientReaderInterface<Response>& stream, const std::string& path,
                         Take take, absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes) {
  ASSIGN_OR_RETURN(IncomingFile file, IncomingFile::Create(path));
  uint64_t size_bytes = 0;
  std::string sha256;
  Response response;
  while (stream.Read(&response)) {
    if (!response.has_chunk()) {
      const auto& description = take(response);
      size_bytes = description.size_bytes();
      sha256 = description.sha256();
      continue;
    }
    RETURN_IF_ERROR(file.Append(response.chunk().data()));
    on_bytes(file.size(), size_bytes);
  }
  RETURN_IF_ERROR(FromGrpcStatus(stream.Finish()));
  return file.Commit(size_bytes, sha256);
}

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_INCOMING_FILE_H_
