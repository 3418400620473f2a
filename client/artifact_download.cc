#include "client/artifact_download.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

// A file being received: checks that size and digest are those of its artifact.
class IncomingFile {
 public:
  static absl::StatusOr<IncomingFile> Create(const std::string& path) {
    ASSIGN_OR_RETURN(auto file, AtomicFile::Create(path));
    return IncomingFile(std::move(file));
  }

  uint64_t size() const { return size_; }

  absl::Status Append(const std::string& bytes) {
    size_ += bytes.size();
    digest_.Update(bytes);
    return file_->Append(bytes);
  }

  absl::Status Commit(const v1::Artifact& artifact) {
    const std::string digest = ToHex(digest_.Finish());
    if (size_ == artifact.size_bytes() && digest == artifact.sha256()) return file_->Commit();
    return absl::DataLossError(absl::StrCat("received ", size_, " bytes with SHA-256 ", digest,
                                            ", but the artifact has ", artifact.size_bytes(),
                                            " with ", artifact.sha256(), "; nothing was written"));
  }

 private:
  explicit IncomingFile(std::unique_ptr<AtomicFile> file) : file_(std::move(file)) {}

  std::unique_ptr<AtomicFile> file_;
  Sha256 digest_;
  uint64_t size_ = 0;
};

using Reader = grpc::ClientReaderInterface<v1::DownloadArtifactResponse>;

absl::Status Receive(Reader& stream, IncomingFile& file, v1::Artifact& artifact,
                     absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes) {
  v1::DownloadArtifactResponse response;
  while (stream.Read(&response)) {
    if (response.has_artifact()) artifact = response.artifact();
    if (!response.has_chunk()) continue;
    RETURN_IF_ERROR(file.Append(response.chunk().data()));
    on_bytes(file.size(), artifact.size_bytes());
  }
  return FromGrpcStatus(stream.Finish());
}

}  // namespace

absl::StatusOr<v1::Artifact> DownloadToFile(const Connection& connection,
                                            v1::ArtifactService::StubInterface& stub,
                                            v1::DownloadArtifactRequest request,
                                            const std::string& path,
                                            absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes) {
  v1::Artifact artifact;
  const auto download = [&](Connection::Attempt& attempt) -> absl::Status {
    ASSIGN_OR_RETURN(IncomingFile file, IncomingFile::Create(path));
    const auto stream = stub.DownloadArtifact(&attempt.context, request);
    const absl::Status received = Receive(*stream, file, artifact, on_bytes);
    if (!artifact.job_id().empty()) {
      // "The latest" may come to mean another one.
      request.set_job_id(artifact.job_id());
      request.set_step(artifact.step());
    }
    RETURN_IF_ERROR(received);
    return file.Commit(artifact);
  };
  RETURN_IF_ERROR(connection.Retry(connection.options().transfer_timeout, download));
  return artifact;
}

}  // namespace outerloop::client
