#include "data/task_sampler.h"

#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/philox.h"
#include "common/status_macros.h"
#include "data/episode_kind.h"
#include "data/episode_registry.h"
#include "data/episode_sizes.h"

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

bool TakesClasses(const v1::Episode& episode) { return DrawnDatasetOf(episode).empty(); }

absl::StatusOr<ClassSplits> ResolveDrawn(const v1::JobSpec& spec, const DatasetIndex* index) {
  const std::string kind = KindOf(spec.episode());
  if (index != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("episode.", kind, ": does not go with data set '", spec.dataset().name(),
                     "', which has classes; use another episode, or dataset.name: ",
                     DrawnDatasetOf(spec.episode())));
  }
  if (spec.dataset().has_split()) {
    return absl::InvalidArgumentError(
        absl::StrCat("dataset.split: episode.", kind, " has no classes; leave the split out"));
  }
  return ClassSplits();
}

// The splits that go with the episode's kind; empty where tasks are drawn on the spot.
absl::StatusOr<ClassSplits> ResolveEpisode(const v1::JobSpec& spec, const DatasetIndex* index) {
  const std::string kind = KindOf(spec.episode());
  if (kind.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "episode: missing; one of ", absl::StrJoin(EpisodeKinds(), ", "), " is needed"));
  }
  if (!TakesClasses(spec.episode())) return ResolveDrawn(spec, index);
  if (index == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("episode.", kind, ": does not go with data set '", spec.dataset().name(),
                     "', which has no classes; use another dataset.name, or another episode"));
  }
  return ResolveSplit(spec.dataset().split(), *index);
}

EpisodeUse TrainingUse(const v1::Episode& episode) {
  return {.split = v1::TRAIN,
          .queries_path = absl::StrCat("episode.", KindOf(episode), ".queries"),
          .note = ""};
}

// `episode` with the shots of training step `step`.
v1::Episode EpisodeOfStep(const v1::Episode& episode, uint64_t seed, uint64_t step) {
  const uint32_t least = ShotsOf(episode), most = MaxShotsOf(episode);
  if (most == least) return episode;
  RandomStream random(seed, RandomPurpose::kShots, step, /*task=*/0);
  return WithShots(episode, least + random.Below(most - least + 1));
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
      sampler->SamplerOf(spec.episode(), v1::TRAIN)->Check(TrainingUse(spec.episode())));
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
  if (TakesClasses(episode_) && splits_.of(split).empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ".split: ", v1::Split_Name(split), " has no classes by dataset.split; give it some"));
  }
  const EpisodeUse use{.split = split,
                       .queries_path = absl::StrCat(path, ".queries"),
                       .note = absl::StrCat(" (", path, ")")};
  return SamplerOf(EvaluatedEpisode(evaluation, episode_), split)->Check(use);
}

std::unique_ptr<const EpisodeSampler> TaskSampler::SamplerOf(const v1::Episode& episode,
                                                             v1::Split split) const {
  return MakeEpisodeSampler(episode, {.index = index_, .classes = splits_.of(split)});
}

Task TaskSampler::Sample(uint64_t step, uint32_t task) const {
  RandomStream random(seed_, RandomPurpose::kTrainTask, step, task);
  return SamplerOf(EpisodeOfStep(episode_, seed_, step), v1::TRAIN)->Draw(random);
}

Task TaskSampler::SampleEvaluation(const v1::EvaluationSpec& evaluation, uint32_t task) const {
  const v1::Split split = evaluation.split();
  const uint64_t seed = evaluation.has_seed() ? evaluation.seed() : seed_;
  RandomStream random = EvaluationStream(seed, split, task);
  return SamplerOf(EvaluatedEpisode(evaluation, episode_), split)->Draw(random);
}

}  // namespace outerloop::data
