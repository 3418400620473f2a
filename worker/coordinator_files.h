// Files from and to the coordinator.
#ifndef OUTERLOOP_WORKER_COORDINATOR_FILES_H_
#define OUTERLOOP_WORKER_COORDINATOR_FILES_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/safetensors.h"
#include "grpcpp/channel.h"
#include "outerloop/v1/worker_service.grpc.pb.h"
#include "worker/cancellation.h"
#include "worker/progress.h"

namespace outerloop::worker {

// WorkerService.FetchBlob and StoreCheckpoint as plain calls. Calls block for the network; each
// ends with CANCELLED soon after its `cancellation` is set, and with UNAVAILABLE when the
// coordinator is lost. Thread-safe.
class CoordinatorFiles {
 public:
  // `progress`, which must outlive the object, is told of each piece that comes or goes.
  CoordinatorFiles(const std::shared_ptr<grpc::Channel>& channel, Progress& progress);

  // The blob's pieces into `sink`, in order. The digest is not checked. NOT_FOUND if the
  // coordinator has none; the sink's own status if it fails.
  absl::Status Fetch(const std::string& sha256, const ByteSink& sink, Cancellation& cancellation);

  // The blob in memory. DATA_LOSS if what came has another digest.
  absl::StatusOr<std::string> FetchToMemory(const std::string& sha256, Cancellation& cancellation);

  // After OK `bytes` is durable. FAILED_PRECONDITION or ABORTED if the generation is not the
  // group's current one, RESOURCE_EXHAUSTED if the coordinator's disk is full, DEADLINE_EXCEEDED
  // after `timeout`.
  absl::Status StoreCheckpoint(const v1::StoreCheckpointHeader& header, std::string_view bytes,
                               absl::Duration timeout, Cancellation& cancellation);

 private:
  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  Progress& progress_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_COORDINATOR_FILES_H_
