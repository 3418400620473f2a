// A job, ready to be computed: the only place where its specification meets the mathematics.
#ifndef OUTERLOOP_WORKER_EXPERIMENT_H_
#define OUTERLOOP_WORKER_EXPERIMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mapped_file.h"
#include "data/dataset_file.h"
#include "meta/models/back_end.h"
#include "meta/optimizers/meta_optimizer.h"
#include "outerloop/v1/job.pb.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::meta {
class Algorithm;
class ParameterLayout;
struct ScoreSeries;
}  // namespace outerloop::meta

namespace outerloop::worker {

// Algorithm, model, meta-optimizer and data of one specification. Immutable: safe to share between
// threads. This header and those built on it know nothing of LibTorch.
class Experiment {
 public:
  // `spec` is complete (defaults filled in). `dataset` is the file `dataset_sha256`; null, with an
  // empty digest, for an episode that is drawn on the spot. Networks are made by `back_end`.
  // INVALID_ARGUMENT with the field's path if a field is out of range or the parts do not go
  // together, or saying what is wrong with the data set. That the device rounds products as the job
  // asks (CheckPrecision) is the caller's to see to.
  static absl::StatusOr<std::shared_ptr<const Experiment>> Create(
      const v1::JobSpec& spec, const std::string& dataset_sha256,
      std::shared_ptr<const MappedFile> dataset, const meta::BackEnd& back_end = meta::BackEnd());
  ~Experiment();

  const std::string& job_name() const { return spec_.name(); }
  const std::string& specification_sha256() const { return specification_sha256_; }
  // The other job's checkpoint that training begins with; empty if it does with none.
  const std::string& start_checkpoint_sha256() const {
    return spec_.start_from().checkpoint_sha256();
  }

  const meta::Algorithm& algorithm() const { return *algorithm_; }
  const meta::MetaOptimizer& optimizer() const { return *optimizer_; }
  const meta::ParameterLayout& layout() const;

  const v1::Episode& episode() const { return spec_.episode(); }
  // Null for an episode whose tasks are drawn on the spot.
  const data::DatasetView* dataset() const { return dataset_ ? &*dataset_ : nullptr; }
  // 0 where tasks have no classes.
  uint32_t ways() const { return spec_.episode().classification().ways(); }

  uint64_t seed() const { return spec_.training().seed(); }
  uint32_t tasks_per_step() const { return spec_.training().tasks_per_step(); }
  uint32_t tasks_per_shard() const { return spec_.training().tasks_per_shard(); }
  uint32_t shards_per_step() const;
  // Whether a step whose sums are not finite is skipped instead of failing the job.
  bool skips_non_finite() const {
    return spec_.training().on_non_finite() == v1::Training::SKIP_STEP;
  }
  int fixed_point_bits() const { return static_cast<int>(spec_.training().fixed_point_bits()); }

 private:
  Experiment(v1::JobSpec spec, const std::string& dataset_sha256);
  absl::Status MapDataset(std::shared_ptr<const MappedFile> dataset);
  absl::Status Build(const meta::BackEnd& back_end);

  const v1::JobSpec spec_;
  const std::string specification_sha256_;
  std::shared_ptr<const MappedFile> dataset_file_;  // What dataset_ looks into.
  std::optional<data::DatasetView> dataset_;
  std::unique_ptr<const meta::Algorithm> algorithm_;
  std::unique_ptr<const meta::MetaOptimizer> optimizer_;
};

// Scores as a message.
v1::ScoreSeries ToProto(const meta::ScoreSeries& series);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_EXPERIMENT_H_
