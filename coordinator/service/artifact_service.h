#ifndef OUTERLOOP_COORDINATOR_SERVICE_ARTIFACT_SERVICE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_ARTIFACT_SERVICE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/security/access.h"
#include "coordinator/service/blob_metrics.h"
#include "coordinator/service/board.h"
#include "coordinator/store/blob_store.h"
#include "coordinator/store/store.h"
#include "outerloop/v1/artifact_service.grpc.pb.h"

namespace outerloop::coordinator {

// Files that jobs made, for clients (artifact_service.proto). Thread-safe. All arguments must
// outlive it.
class ArtifactService final : public v1::ArtifactService::CallbackService {
 public:
  ArtifactService(const Board& board, const Store& store, const BlobStore& blobs,
                  BlobMetrics& blob_metrics, const Access& access)
      : board_(board), store_(store), blobs_(blobs), blob_metrics_(blob_metrics), access_(access) {}

  grpc::ServerUnaryReactor* ListArtifacts(grpc::CallbackServerContext* context,
                                          const v1::ListArtifactsRequest* request,
                                          v1::ListArtifactsResponse* response) override;
  grpc::ServerWriteReactor<v1::DownloadArtifactResponse>* DownloadArtifact(
      grpc::CallbackServerContext* context, const v1::DownloadArtifactRequest* request) override;

 private:
  absl::StatusOr<std::vector<CheckpointRecord>> CheckpointsOf(const std::string& id_or_name,
                                                              const Caller& caller) const;

  const Board& board_;
  const Store& store_;
  const BlobStore& blobs_;
  BlobMetrics& blob_metrics_;
  const Access& access_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_ARTIFACT_SERVICE_H_
