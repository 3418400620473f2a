// A file that a job made on its way to a path here.
#ifndef OUTERLOOP_CLIENT_ARTIFACT_DOWNLOAD_H_
#define OUTERLOOP_CLIENT_ARTIFACT_DOWNLOAD_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "client/connection.h"
#include "outerloop/v1/artifact_service.grpc.pb.h"

namespace outerloop::client {

// Writes what `request` asks for to `path`; begins anew, with the same artifact, if the coordinator
// goes away meanwhile. The file appears whole and with the right digest or not at all: DATA_LOSS if
// size or digest are wrong. `on_bytes` is called with the bytes received so far and in all.
absl::StatusOr<v1::Artifact> DownloadToFile(const Connection& connection,
                                            v1::ArtifactService::StubInterface& stub,
                                            v1::DownloadArtifactRequest request,
                                            const std::string& path,
                                            absl::FunctionRef<void(uint64_t, uint64_t)> on_bytes);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_ARTIFACT_DOWNLOAD_H_
