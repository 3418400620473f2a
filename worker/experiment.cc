#include "worker/experiment.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/specification_digest.h"
#include "common/status_macros.h"
#include "data/episode_kind.h"
#include "meta/algorithms/registry.h"
#include "meta/algorithms/with_precision.h"
#include "meta/models/model_factory.h"
#include "meta/optimizers/adam.h"
#include "meta/optimizers/sgd.h"
#include "worker/loaders/make_loader.h"
#include "worker/torch_boundary.h"

namespace outerloop::worker {
namespace {

absl::Status OutOfRange(const std::string& path, double value, const std::string& allowed) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", value, "; allowed: ", allowed));
}

// The coordinator has checked the specification; this keeps a wrong one from crashing a worker.
absl::Status CheckRanges(const v1::JobSpec& spec) {
  const v1::Training& training = spec.training();
  if (training.tasks_per_step() < 1) {
    return OutOfRange("training.tasks_per_step", training.tasks_per_step(), "at least 1");
  }
  if (training.tasks_per_shard() < 1 || training.tasks_per_shard() > training.tasks_per_step()) {
    return OutOfRange("training.tasks_per_shard", training.tasks_per_shard(),
                      "1 to training.tasks_per_step");
  }
  if (training.fixed_point_bits() < 20 || training.fixed_point_bits() > 52) {
    return OutOfRange("training.fixed_point_bits", training.fixed_point_bits(), "20 to 52");
  }
  if (spec.episode().has_classification() && spec.episode().classification().ways() < 2) {
    return OutOfRange("episode.classification.ways", spec.episode().classification().ways(),
                      "at least 2");
  }
  return absl::OkStatus();
}

meta::ProductPrecision PrecisionOf(const v1::Training& training) {
  switch (training.product_precision()) {
    case v1::Training::TF32:
      return meta::ProductPrecision::kTf32;
    case v1::Training::BFLOAT16:
      return meta::ProductPrecision::kBfloat16;
    default:
      return meta::ProductPrecision::kFloat32;
  }
}

absl::StatusOr<std::unique_ptr<const meta::MetaOptimizer>> MakeOptimizer(
    const v1::MetaOptimizer& optimizer, uint64_t steps) {
  if (optimizer.has_adam()) {
    const v1::Adam& adam = optimizer.adam();
    return std::make_unique<meta::Adam>(
        meta::AdamOptions{.rate = adam.rate(),
                          .beta1 = adam.beta1(),
                          .beta2 = adam.beta2(),
                          .epsilon = adam.epsilon(),
                          .decay_steps = adam.linear_decay() ? steps : 0});
  }
  if (optimizer.has_sgd()) {
    const v1::Sgd& sgd = optimizer.sgd();
    return std::make_unique<meta::Sgd>(
        meta::SgdOptions{.rate = sgd.rate(),
                         .momentum = sgd.momentum(),
                         .decay_steps = sgd.linear_decay() ? steps : 0});
  }
  return absl::InvalidArgumentError("meta_optimizer: not given; allowed: adam, sgd");
}

}  // namespace

Experiment::Experiment(v1::JobSpec spec, const std::string& dataset_sha256)
    : spec_(std::move(spec)), specification_sha256_(SpecificationDigest(spec_, dataset_sha256)) {}

Experiment::~Experiment() = default;

absl::StatusOr<std::shared_ptr<const Experiment>> Experiment::Create(
    const v1::JobSpec& spec, const std::string& dataset_sha256,
    std::shared_ptr<const MappedFile> dataset, const meta::BackEnd& back_end) {
  RETURN_IF_ERROR(CheckRanges(spec));
  std::shared_ptr<Experiment> experiment(new Experiment(spec, dataset_sha256));
  RETURN_IF_ERROR(experiment->MapDataset(std::move(dataset)));
  RETURN_IF_ERROR(WithinTorch([&] { return experiment->Build(back_end); }));
  return experiment;
}

absl::Status Experiment::MapDataset(std::shared_ptr<const MappedFile> dataset) {
  const bool takes_images = data::DrawnDatasetOf(spec_.episode()).empty();
  if (takes_images != (dataset != nullptr)) {
    return absl::InvalidArgumentError(absl::StrCat("episode.", data::KindOf(spec_.episode()),
                                                   ": takes ", takes_images ? "a" : "no",
                                                   " data set with images"));
  }
  if (dataset == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(dataset_, data::ParseDataset(dataset->bytes()));
  dataset_file_ = std::move(dataset);
  return absl::OkStatus();
}

absl::Status Experiment::Build(const meta::BackEnd& back_end) {
  const meta::TaskShape shape = MakeEpisodeLoader(spec_.episode(), dataset())->shape();
  algorithm_ = meta::WithPrecision(
      PrecisionOf(spec_.training()),
      meta::MakeAlgorithm(spec_.algorithm(), meta::ModelFactory(spec_.model(), shape, back_end)));
  ASSIGN_OR_RETURN(optimizer_, MakeOptimizer(spec_.meta_optimizer(), spec_.training().steps()));
  return absl::OkStatus();
}

const meta::ParameterLayout& Experiment::layout() const { return algorithm_->layout(); }

uint32_t Experiment::shards_per_step() const {
  return (tasks_per_step() + tasks_per_shard() - 1) / tasks_per_shard();
}

v1::ScoreSeries ToProto(const meta::ScoreSeries& series) {
  v1::ScoreSeries message;
  message.set_mode(series.mode == meta::PredictionMode::kTransductive ? v1::TRANSDUCTIVE
                                                                      : v1::INDUCTIVE);
  message.set_inner_steps(series.inner_steps);
  message.set_metric(series.metric);
  message.mutable_scores()->Add(series.scores.begin(), series.scores.end());
  return message;
}

}  // namespace outerloop::worker
