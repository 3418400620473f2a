#ifndef OUTERLOOP_COORDINATOR_SERVICE_WORKER_SERVICE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_WORKER_SERVICE_H_

#include "coordinator/security/limits.h"
#include "coordinator/service/all_reduce_hub.h"
#include "coordinator/service/blob_metrics.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/session_registry.h"
#include "coordinator/store/blob_collector.h"
#include "coordinator/store/blob_store.h"
#include "outerloop/v1/worker_service.grpc.pb.h"

namespace outerloop::coordinator {

// The workers' side of the coordinator (worker_service.proto). Thread-safe. All arguments must
// outlive it.
class WorkerService final : public v1::WorkerService::CallbackService {
 public:
  WorkerService(Engine& engine, SessionRegistry& sessions, AllReduceHub& hub,
                const BlobStore& blobs, BlobMetrics& blob_metrics, const BlobCollector& collector,
                const Limits& limits)
      : engine_(engine),
        sessions_(sessions),
        hub_(hub),
        blobs_(blobs),
        blob_metrics_(blob_metrics),
        collector_(collector),
        patience_(limits.silence) {}

  grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* Session(
      grpc::CallbackServerContext* context) override;
  grpc::ServerBidiReactor<v1::ReduceChunk, v1::ReduceChunk>* AllReduce(
      grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<v1::BlobChunk>* FetchBlob(grpc::CallbackServerContext* context,
                                                     const v1::FetchBlobRequest* request) override;
  grpc::ServerReadReactor<v1::StoreCheckpointRequest>* StoreCheckpoint(
      grpc::CallbackServerContext* context, v1::StoreCheckpointResponse* response) override;

 private:
  // For the engine's thread: what becomes of a checkpoint whose file was written; and afterwards,
  // when the file goes again unless it was wanted.
  absl::StatusOr<Decision> Accept(const Core& core, const v1::StoreCheckpointHeader& header) const;
  void Settle(const std::string& sha256, const absl::Status& accepted) const;

  Engine& engine_;
  SessionRegistry& sessions_;
  AllReduceHub& hub_;
  const BlobStore& blobs_;
  BlobMetrics& blob_metrics_;
  const BlobCollector& collector_;
  const absl::Duration patience_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_WORKER_SERVICE_H_
