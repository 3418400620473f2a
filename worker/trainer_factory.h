// Trainers for the jobs that the coordinator names.
#ifndef OUTERLOOP_WORKER_TRAINER_FACTORY_H_
#define OUTERLOOP_WORKER_TRAINER_FACTORY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "outerloop/v1/job.pb.h"
#include "worker/blob_cache.h"
#include "worker/cancellation.h"
#include "worker/compute_pool.h"
#include "worker/coordinator_files.h"
#include "worker/device.h"
#include "worker/trainer.h"

namespace outerloop::worker {

// Fetches what a trainer needs and makes it. Calls block for the network and end with CANCELLED
// soon after `cancellation` is set; other errors are those of BlobCache, CheckPrecision,
// CoordinatorFiles, Experiment and FromCheckpoint. Immutable: safe to share between threads.
class TrainerFactory {
 public:
  // All must outlive the factory.
  TrainerFactory(CoordinatorFiles& files, BlobCache& cache, const Device& device,
                 ComputePool& pool);

  // A trainer without a state. The data set comes through the cache; `dataset_sha256` is empty for
  // the sinusoid.
  absl::StatusOr<std::unique_ptr<Trainer>> Make(const v1::JobSpec& spec,
                                                const std::string& dataset_sha256,
                                                Cancellation& cancellation) const;

  // The state in the checkpoint `sha256`, which must be one of `experiment`, or the one that it
  // starts from.
  absl::StatusOr<TrainingState> FetchState(const std::string& sha256, const Experiment& experiment,
                                           Cancellation& cancellation) const;

 private:
  CoordinatorFiles& files_;
  BlobCache& cache_;
  const Device device_;
  ComputePool& pool_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_TRAINER_FACTORY_H_
