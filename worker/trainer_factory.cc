#include "worker/trainer_factory.h"

#include <cstdint>
#include <utility>

#include "common/status_macros.h"
#include "worker/checkpoint.h"
#include "worker/experiment.h"

namespace outerloop::worker {

TrainerFactory::TrainerFactory(CoordinatorFiles& files, BlobCache& cache, const Device& device,
                               ComputePool& pool)
    : files_(files), cache_(cache), device_(device), pool_(pool) {}

absl::StatusOr<std::unique_ptr<Trainer>> TrainerFactory::Make(const v1::JobSpec& spec,
                                                              const std::string& dataset_sha256,
                                                              Cancellation& cancellation) const {
  RETURN_IF_ERROR(CheckPrecision(spec.training().product_precision(), device_));
  std::shared_ptr<const MappedFile> dataset;
  if (!dataset_sha256.empty()) {
    const auto fetch = [&](const std::string& sha256, const ByteSink& sink) {
      return files_.Fetch(sha256, sink, cancellation);
    };
    ASSIGN_OR_RETURN(dataset, cache_.Get(dataset_sha256, fetch));
  }
  ASSIGN_OR_RETURN(auto experiment,
                   Experiment::Create(spec, dataset_sha256, std::move(dataset), device_.back_end));
  return std::make_unique<Trainer>(std::move(experiment), device_, pool_);
}

absl::StatusOr<TrainingState> TrainerFactory::FetchState(const std::string& sha256,
                                                         const Experiment& experiment,
                                                         Cancellation& cancellation) const {
  ASSIGN_OR_RETURN(const std::string bytes, files_.FetchToMemory(sha256, cancellation));
  const std::span<const uint8_t> file(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  return sha256 == experiment.start_checkpoint_sha256() ? AdoptCheckpoint(file, experiment)
                                                        : FromCheckpoint(file, experiment);
}

}  // namespace outerloop::worker
