#include "coordinator/core/complete_spec.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_episode.h"
#include "coordinator/core/complete_fields.h"
#include "coordinator/core/field_checks.h"

namespace outerloop::coordinator {
namespace {

constexpr size_t kMaxPublished = 64;
constexpr size_t kLongestSource = 500;
constexpr size_t kLongestOwner = 64;
constexpr size_t kLongestJob = 128;  // An id or a name.
constexpr std::array<uint32_t, 4> kResNet12Filters = {64, 160, 320, 640};

absl::Status CompleteModel(v1::Model& model) {
  if (model.has_resnet12()) {
    auto& filters = *model.mutable_resnet12()->mutable_filters();
    if (filters.empty()) filters.Add(kResNet12Filters.begin(), kResNet12Filters.end());
    if (filters.size() < static_cast<int>(kResNet12Filters.size())) {
      return Refuse("model.resnet12.filters", absl::StrCat("a list of ", filters.size()),
                    absl::StrCat(kResNet12Filters.size(), " numbers, or none"));
    }
  }
  return CompleteFields("model", model);
}

// Whether the episode's tasks and the algorithm have a use for it, if it is given.
absl::Status CheckRegressionLoss(const v1::JobSpec& spec) {
  if (!spec.model().has_regression_loss()) return absl::OkStatus();
  const std::string path = "model.regression_loss";
  const std::string& name = v1::Model::RegressionLoss_Name(spec.model().regression_loss());
  if (spec.episode().has_classification()) {
    return Refuse(path, name, "none: classifications are trained by cross-entropy");
  }
  if (!spec.algorithm().has_cnp()) return absl::OkStatus();
  return Refuse(path, name, "none: algorithm.cnp has a Gaussian loss of its own");
}

// Reptile's moments are averages only as long as the meta-optimizer takes averages.
absl::Status CheckKeptMoments(const v1::JobSpec& spec) {
  const v1::Reptile& reptile = spec.algorithm().reptile();
  if (!reptile.keep_moments()) return absl::OkStatus();
  const std::string path = "algorithm.reptile.keep_moments";
  if (reptile.inner_optimizer() != v1::Reptile::ADAM) {
    return Refuse(path, "true", "false: inner_optimizer SGD has no moments");
  }
  const v1::Sgd& sgd = spec.meta_optimizer().sgd();
  if (spec.meta_optimizer().has_sgd() && sgd.rate() <= 1 && sgd.momentum() == 0) {
    return absl::OkStatus();
  }
  return Refuse(path, "true",
                "false, or meta_optimizer.sgd with a rate of at most 1 and without momentum");
}

// What is trained, and how.
absl::Status CompleteMethod(v1::JobSpec& spec) {
  RETURN_IF_ERROR(CompleteModel(*spec.mutable_model()));
  RETURN_IF_ERROR(CompleteFields("algorithm", *spec.mutable_algorithm()));
  RETURN_IF_ERROR(CompleteFields("meta_optimizer", *spec.mutable_meta_optimizer()));
  RETURN_IF_ERROR(CheckCompanions(spec));
  RETURN_IF_ERROR(CheckKeptMoments(spec));
  return CheckRegressionLoss(spec);
}

// Whether `tasks` tasks, the value of the field at `path`, have at most `max` examples.
absl::Status CheckExamples(const std::string& path, const v1::JobSpec& spec, uint64_t tasks,
                           uint64_t max) {
  const uint64_t examples = ExamplesPerTask(spec.episode());
  if (tasks * examples <= max) return absl::OkStatus();
  return Refuse(path, absl::StrCat(tasks),
                absl::StrCat("less: a task of this episode has ", examples,
                             " examples, and together they may have ", max));
}

absl::Status CompleteTraining(v1::JobSpec& spec) {
  const std::string path = "training";
  v1::Training& training = *spec.mutable_training();
  RETURN_IF_ERROR(CheckInteger(path + ".steps", training.steps(), 1, kMaxSteps));
  RETURN_IF_ERROR(CheckInteger(path + ".tasks_per_step", training.tasks_per_step(), 1, 65'536));
  if (!training.has_tasks_per_shard()) {
    training.set_tasks_per_shard(std::min(4u, training.tasks_per_step()));
  }
  if (!training.has_seed()) training.set_seed(0);
  RETURN_IF_ERROR(CheckInteger(path + ".tasks_per_shard", training.tasks_per_shard(), 1,
                               training.tasks_per_step()));
  RETURN_IF_ERROR(CompleteFields(path, training));
  RETURN_IF_ERROR(CheckExamples(path + ".tasks_per_shard", spec, training.tasks_per_shard(),
                                kMaxExamplesPerShard));
  return CheckExamples(path + ".tasks_per_step", spec, training.tasks_per_step(),
                       kMaxExamplesPerStep);
}

absl::Status CompleteEvaluations(v1::JobSpec& spec) {
  RETURN_IF_ERROR(CheckCount("evaluations", spec.evaluations_size(), kMaxEvaluations));
  for (int i = 0; i < spec.evaluations_size(); ++i) {
    ASSIGN_OR_RETURN(
        *spec.mutable_evaluations(i),
        CompleteEvaluation(spec.evaluations(i), spec, absl::StrCat("evaluations[", i, "]")));
  }
  return absl::OkStatus();
}

absl::Status CompleteCheckpoints(v1::JobSpec& spec) {
  v1::Checkpoints& checkpoints = *spec.mutable_checkpoints();
  if (!checkpoints.has_every_steps()) checkpoints.set_every_steps(500);
  if (!checkpoints.has_digest_every_steps()) checkpoints.set_digest_every_steps(1);
  return CheckInteger("checkpoints.digest_every_steps", checkpoints.digest_every_steps(), 1,
                      kMaxSteps);
}

absl::Status CheckReducer(const std::string& path, v1::Reducer reducer) {
  if (v1::Reducer_IsValid(reducer)) return absl::OkStatus();
  return Refuse(path, absl::StrCat(reducer), "one of AUTO, COORDINATOR, GLOO, NCCL");
}

absl::Status CompleteWorkers(v1::JobSpec& spec) {
  v1::Workers& workers = *spec.mutable_workers();
  if (!workers.has_min()) workers.set_min(1);
  if (workers.reducer() == v1::REDUCER_UNSPECIFIED) workers.set_reducer(v1::AUTO);
  RETURN_IF_ERROR(CheckReducer("workers.reducer", workers.reducer()));
  RETURN_IF_ERROR(CheckInteger("workers.min", workers.min(), 1, kMaxWorkers));
  if (workers.max() == 0 || workers.max() >= workers.min()) return absl::OkStatus();
  return Refuse("workers.max", absl::StrCat(workers.max()),
                absl::StrCat("0, or at least workers.min, ", workers.min()));
}

absl::Status CompleteQueue(v1::JobSpec& spec) {
  if (!spec.has_queue()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckLength("queue.owner", spec.queue().owner(), 0, kLongestOwner));
  return CompleteFields("queue", *spec.mutable_queue());
}

// What can be said without looking at the other job.
absl::Status CheckStartFrom(const v1::JobSpec& spec) {
  if (!spec.has_start_from()) return absl::OkStatus();
  if (spec.start_from().job().empty()) {
    return Missing("start_from.job", "the id or name of the job whose checkpoint to start from");
  }
  return CheckLength("start_from.job", spec.start_from().job(), 1, kLongestJob);
}

absl::Status CheckMode(const std::string& path, v1::PredictionMode mode) {
  constexpr char kAllowed[] = "one of TRANSDUCTIVE, INDUCTIVE";
  if (mode == v1::PREDICTION_MODE_UNSPECIFIED) return Missing(path, kAllowed);
  return v1::PredictionMode_IsValid(mode) ? absl::OkStatus()
                                          : Refuse(path, absl::StrCat(mode), kAllowed);
}

absl::Status CheckPublishedResult(const std::string& path, const v1::PublishedResult& result) {
  RETURN_IF_ERROR(CheckSplit(path + ".split", result.split()));
  RETURN_IF_ERROR(CheckMode(path + ".mode", result.mode()));
  RETURN_IF_ERROR(CheckInteger(path + ".inner_steps", result.inner_steps(), 0, kMaxInnerSteps));
  RETURN_IF_ERROR(CheckNumber(path + ".value", result.value(), -kLargestNumber, kLargestNumber));
  RETURN_IF_ERROR(CheckNumber(path + ".ci95", result.ci95(), 0, kLargestNumber));
  return CheckLength(path + ".source", result.source(), 1, kLongestSource);
}

absl::Status CheckPublished(const v1::JobSpec& spec) {
  RETURN_IF_ERROR(CheckCount("published", spec.published_size(), kMaxPublished));
  for (int i = 0; i < spec.published_size(); ++i) {
    RETURN_IF_ERROR(CheckPublishedResult(absl::StrCat("published[", i, "]"), spec.published(i)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::JobSpec> CompleteSpec(const v1::JobSpec& given) {
  v1::JobSpec spec = given;
  RETURN_IF_ERROR(CheckName("name", spec.name()));
  RETURN_IF_ERROR(CompleteFields("episode", *spec.mutable_episode()));
  RETURN_IF_ERROR(CheckDataset(spec));
  RETURN_IF_ERROR(CompleteMethod(spec));
  RETURN_IF_ERROR(CompleteTraining(spec));
  RETURN_IF_ERROR(CompleteEvaluations(spec));
  RETURN_IF_ERROR(CompleteCheckpoints(spec));
  RETURN_IF_ERROR(CompleteWorkers(spec));
  RETURN_IF_ERROR(CompleteQueue(spec));
  RETURN_IF_ERROR(CheckStartFrom(spec));
  RETURN_IF_ERROR(CheckPublished(spec));
  return spec;
}

}  // namespace outerloop::coordinator
