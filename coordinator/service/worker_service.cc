#include "coordinator/service/worker_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/mapped_file.h"
#include "common/status_macros.h"
#include "coordinator/core/requests.h"
#include "coordinator/service/all_reduce_stream.h"
#include "coordinator/service/blob_receiver.h"
#include "coordinator/service/blob_sender.h"
#include "coordinator/service/worker_session.h"
#include "spdlog/spdlog.h"

namespace outerloop::coordinator {
namespace {

CheckpointRecord ToRecord(const v1::StoreCheckpointHeader& header) {
  CheckpointRecord checkpoint;
  checkpoint.job_id = header.job_id();
  checkpoint.step = header.step();
  checkpoint.sha256 = header.sha256();
  checkpoint.size_bytes = header.size_bytes();
  checkpoint.parameters_sha256 = header.parameters_sha256();
  checkpoint.created = absl::Now();
  return checkpoint;
}

}  // namespace

grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* WorkerService::Session(
    grpc::CallbackServerContext* context) {
  return new WorkerSession(engine_, sessions_);
}

grpc::ServerBidiReactor<v1::ReduceChunk, v1::ReduceChunk>* WorkerService::AllReduce(
    grpc::CallbackServerContext* context) {
  return new AllReduceStream(hub_);
}

grpc::ServerWriteReactor<v1::BlobChunk>* WorkerService::FetchBlob(
    grpc::CallbackServerContext* context, const v1::FetchBlobRequest* request) {
  using Sender = BlobSender<v1::BlobChunk>;
  const auto open = [&]() -> absl::StatusOr<Sender*> {
    ASSIGN_OR_RETURN(const std::string path, blobs_.PathOf(request->sha256()));
    ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
    return new Sender(
        std::nullopt, std::move(file), [](v1::BlobChunk* out) { return out; }, blob_metrics_.sent);
  };
  absl::StatusOr<Sender*> sender = open();
  return sender.ok() ? *sender : new Sender(sender.status());
}

grpc::ServerReadReactor<v1::StoreCheckpointRequest>* WorkerService::StoreCheckpoint(
    grpc::CallbackServerContext* context, v1::StoreCheckpointResponse* response) {
  using Receiver = BlobReceiver<v1::StoreCheckpointRequest, v1::StoreCheckpointHeader>;
  auto begin = [this](const v1::StoreCheckpointHeader& header) {
    return blobs_.Create(header.sha256(), header.size_bytes());
  };
  auto complete = [this](const v1::StoreCheckpointHeader& header, Receiver::Finished finished) {
    engine_.Request([this, header](const Core& core) { return Accept(core, header); },
                    [this, sha256 = header.sha256(),
                     finished = std::move(finished)](const absl::StatusOr<std::string>& done) {
                      Settle(sha256, done.status());
                      finished(done.status());
                    });
  };
  return new Receiver(blob_metrics_.received, patience_, std::move(begin), std::move(complete));
}

absl::StatusOr<Decision> WorkerService::Accept(const Core& core,
                                               const v1::StoreCheckpointHeader& header) const {
  // The same file may just have lost its last name.
  if (!blobs_.Contains(header.sha256())) {
    return absl::DataLossError(
        absl::StrCat("file ", header.sha256(), " was removed meanwhile; send it again"));
  }
  return DecideCheckpoint(core, header.generation(), ToRecord(header));
}

void WorkerService::Settle(const std::string& sha256, const absl::Status& accepted) const {
  if (absl::IsUnavailable(accepted)) return;  // The engine has stopped; the next start sweeps.
  const absl::Status collected = collector_.Collect(sha256);
  if (!collected.ok()) spdlog::warn("{}; the next start removes it", collected.ToString());
}

}  // namespace outerloop::coordinator
