#include "coordinator/service/artifact_service.h"

#include <memory>
#include <utility>

#include "common/grpc_status.h"
#include "common/mapped_file.h"
#include "common/proto_time.h"
#include "common/status_macros.h"
#include "coordinator/core/select_checkpoint.h"
#include "coordinator/service/blob_sender.h"
#include "coordinator/service/find_job.h"

namespace outerloop::coordinator {
namespace {

v1::Artifact Describe(const CheckpointRecord& checkpoint) {
  v1::Artifact artifact;
  artifact.set_job_id(checkpoint.job_id);
  artifact.set_kind(v1::CHECKPOINT);
  artifact.set_step(checkpoint.step);
  artifact.set_sha256(checkpoint.sha256);
  artifact.set_size_bytes(checkpoint.size_bytes);
  artifact.set_parameters_sha256(checkpoint.parameters_sha256);
  SetTimestamp(checkpoint.created, artifact.mutable_created());
  return artifact;
}

}  // namespace

absl::StatusOr<std::vector<CheckpointRecord>> ArtifactService::CheckpointsOf(
    const std::string& id_or_name, const Caller& caller) const {
  ASSIGN_OR_RETURN(const Board::JobView job, FindJob(board_, caller, id_or_name));
  return store_.Checkpoints(job->job_id());
}

grpc::ServerUnaryReactor* ArtifactService::ListArtifacts(grpc::CallbackServerContext* context,
                                                         const v1::ListArtifactsRequest* request,
                                                         v1::ListArtifactsResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto checkpoints = CheckpointsOf(request->job_id(), access_.CallerOf(*context));
  if (checkpoints.ok()) {
    for (const CheckpointRecord& checkpoint : *checkpoints) {
      *response->add_artifacts() = Describe(checkpoint);
    }
  }
  reactor->Finish(ToGrpcStatus(checkpoints.status()));
  return reactor;
}

grpc::ServerWriteReactor<v1::DownloadArtifactResponse>* ArtifactService::DownloadArtifact(
    grpc::CallbackServerContext* context, const v1::DownloadArtifactRequest* request) {
  using Sender = BlobSender<v1::DownloadArtifactResponse>;
  const auto open = [&]() -> absl::StatusOr<Sender*> {
    ASSIGN_OR_RETURN(const auto checkpoints,
                     CheckpointsOf(request->job_id(), access_.CallerOf(*context)));
    const auto step = request->has_step() ? std::make_optional(request->step()) : std::nullopt;
    ASSIGN_OR_RETURN(const CheckpointRecord checkpoint, SelectCheckpoint(checkpoints, step));
    ASSIGN_OR_RETURN(const std::string path, blobs_.PathOf(checkpoint.sha256));
    ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
    v1::DownloadArtifactResponse first;
    *first.mutable_artifact() = Describe(checkpoint);
    return new Sender(
        std::move(first), std::move(file),
        [](v1::DownloadArtifactResponse* out) { return out->mutable_chunk(); }, blob_metrics_.sent);
  };
  absl::StatusOr<Sender*> sender = open();
  return sender.ok() ? *sender : new Sender(sender.status());
}

}  // namespace outerloop::coordinator
