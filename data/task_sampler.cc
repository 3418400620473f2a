#include "data/task_sampler.h"

#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/philox.h"
#include "common/status_macros.h"
#include "data/classification_sampler.h"
#include "data/drawn_episode.h"
#include "data/episode_use.h"
#include "data/evaluated_episode.h"
#include "data/gaussian_process_sampler.h"
#include "data/sinusoid_sampler.h"

namespace outerloop::data {
namespace {

// Where the tasks of evaluations stand in their streams. Those on the training split follow after
// every step that training can reach, so that no task of theirs is one that was trained on.
constexpr uint64_t kEvaluationStep = 0;
constexpr uint64_t kTrainEvaluationStep = std::numeric_limits<uint64_t>::max();

RandomStream EvaluationStream(uint64_t seed, v1::Split split, uint32_t task) {
  switch (split) {
    case v1::TRAIN:
      return {seed, RandomPurpose::kTrainTask, kTrainEvaluationStep, task};
    case v1::VALIDATION:
      return {seed, RandomPurpose::kValidationTask, kEvaluationStep, task};
    default:
      return {seed, RandomPurpose::kTestTask, kEvaluationStep, task};
  }
}

absl::StatusOr<ClassSplits> ResolveDrawn(const v1::JobSpec& spec, const DatasetIndex* index) {
  if (index != nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "episode.", KindOf(spec.episode()), ": does not go with data set '", spec.dataset().name(),
        "', which has classes; use episode.classification, or dataset.name: ",
        DrawnDatasetOf(spec.episode())));
  }
  if (spec.dataset().has_split()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "dataset.split: episode.", KindOf(spec.episode()), " has no classes; leave the split out"));
  }
  return ClassSplits();
}

// The splits that go with the episode's kind; empty where tasks are drawn on the spot.
absl::StatusOr<ClassSplits> ResolveEpisode(const v1::JobSpec& spec, const DatasetIndex* index) {
  if (!DrawnDatasetOf(spec.episode()).empty()) return ResolveDrawn(spec, index);
  if (!spec.episode().has_classification()) {
    return absl::InvalidArgumentError(
        "episode: missing; one of classification, sinusoid, gaussian_process is needed");
  }
  if (index == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("episode.classification: does not go with data set '", spec.dataset().name(),
                     "', which has no classes; use another dataset.name, or another episode"));
  }
  return ResolveSplit(spec.dataset().split(), *index);
}

absl::Status CheckUse(const v1::Episode& episode, const EpisodeUse& use, const ClassSplits& splits,
                      const DatasetIndex& index) {
  if (episode.has_sinusoid()) return CheckSinusoid(episode.sinusoid(), use);
  if (episode.has_gaussian_process()) {
    return CheckGaussianProcess(episode.gaussian_process(), use);
  }
  return CheckClassification(episode.classification(), use, splits.of(use.split), index);
}

EpisodeUse TrainingUse(const v1::Episode& episode) {
  return {.split = v1::TRAIN,
          .queries = QueriesOf(episode),
          .queries_path = absl::StrCat("episode.", KindOf(episode), ".queries"),
          .note = ""};
}

}  // namespace

TaskSampler::TaskSampler(const v1::JobSpec& spec, const DatasetIndex* index, ClassSplits splits)
    : episode_(spec.episode()),
      seed_(spec.training().seed()),
      index_(index == nullptr ? DatasetIndex() : *index),
      splits_(std::move(splits)) {}

absl::StatusOr<std::unique_ptr<const TaskSampler>> TaskSampler::Create(const v1::JobSpec& spec,
                                                                       const DatasetIndex* index) {
  ASSIGN_OR_RETURN(ClassSplits splits, ResolveEpisode(spec, index));
  std::unique_ptr<const TaskSampler> sampler(new TaskSampler(spec, index, std::move(splits)));
  RETURN_IF_ERROR(
      CheckUse(sampler->episode_, TrainingUse(spec.episode()), sampler->splits_, sampler->index_));
  for (int i = 0; i < spec.evaluations_size(); ++i) {
    RETURN_IF_ERROR(sampler->Check(spec.evaluations(i), absl::StrCat("evaluations[", i, "]")));
  }
  return sampler;
}

absl::Status TaskSampler::Check(const v1::EvaluationSpec& evaluation,
                                const std::string& path) const {
  const v1::Split split = evaluation.split();
  if (split == v1::SPLIT_UNSPECIFIED || !v1::Split_IsValid(split)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ".split: ", split, " is no split; one of TRAIN, VALIDATION, TEST is needed"));
  }
  if (episode_.has_classification() && splits_.of(split).empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ".split: ", v1::Split_Name(split), " has no classes by dataset.split; give it some"));
  }
  const v1::Episode episode = EvaluatedEpisode(evaluation, episode_);
  const EpisodeUse use{.split = split,
                       .queries = QueriesOf(episode),
                       .queries_path = absl::StrCat(path, ".queries"),
                       .note = absl::StrCat(" (", path, ")")};
  return CheckUse(episode, use, splits_, index_);
}

Task TaskSampler::Draw(const v1::Episode& episode, v1::Split split, RandomStream random) const {
  if (episode.has_sinusoid()) {
    return SampleSinusoid(episode.sinusoid(), QueriesOf(episode), random);
  }
  if (episode.has_gaussian_process()) {
    return SampleGaussianProcess(episode.gaussian_process(), QueriesOf(episode), random).task;
  }
  return SampleClassification(episode.classification(), QueriesOf(episode), splits_.of(split),
                              index_, random);
}

Task TaskSampler::Sample(uint64_t step, uint32_t task) const {
  return Draw(episode_, v1::TRAIN, RandomStream(seed_, RandomPurpose::kTrainTask, step, task));
}

Task TaskSampler::SampleEvaluation(const v1::EvaluationSpec& evaluation, uint32_t task) const {
  return Draw(EvaluatedEpisode(evaluation, episode_), evaluation.split(),
              EvaluationStream(seed_, evaluation.split(), task));
}

}  // namespace outerloop::data
