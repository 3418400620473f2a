#include "client/artifact_download.h"

#include "client/incoming_file.h"
#include "common/status_macros.h"

namespace outerloop::client {

absl::StatusOr<v1::Artifact> DownloadToFile(const Connection& connection,
                                            v1::ArtifactService::StubInterface& stub,
                                            v1::DownloadArtifactRequest request,
                                            const std::string& path,
                                            absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes) {
  v1::Artifact artifact;
  const auto take = [&](const v1::DownloadArtifactResponse& response) -> const v1::Artifact& {
    artifact = response.artifact();
    // "The latest" may come to mean another one, should this attempt break off.
    request.set_job_id(artifact.job_id());
    request.set_step(artifact.step());
    return artifact;
  };
  const auto download = [&](Connection::Attempt& attempt) {
    const auto stream = stub.DownloadArtifact(&attempt.context, request);
    return ReceiveFile(*stream, path, take, on_bytes);
  };
  RETURN_IF_ERROR(connection.Retry(connection.options().transfer_timeout, download));
  return artifact;
}

}  // namespace outerloop::client
