// Which tasks a step consists of: a pure function of (data set, specification, step).
#ifndef OUTERLOOP_DATA_TASK_SAMPLER_H_
#define OUTERLOOP_DATA_TASK_SAMPLER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "data/class_split.h"
#include "data/dataset_file.h"
#include "data/episode_sampler.h"
#include "data/task.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::data {

// Draws tasks with the counter-based generator of common/philox.h: each task has its own stream,
// counted by (step, task), so any task can be drawn at any time, anywhere, to the same result.
// Immutable: safe to share between threads.
class TaskSampler {
 public:
  // `spec` is complete (defaults filled in). `index` is of the job's data set; null for episodes
  // that are drawn on the spot. INVALID_ARGUMENT with the field's path, the value and what is
  // allowed, if a split has fewer classes than `ways` (rotations counted), a class fewer examples
  // than shots + queries, or the episode does not go with the data set. Checked for training and
  // for every evaluation.
  static absl::StatusOr<std::unique_ptr<const TaskSampler>> Create(const v1::JobSpec& spec,
                                                                   const DatasetIndex* index);

  // Whether an evaluation can be sampled; its status otherwise, with paths under `path`.
  absl::Status Check(const v1::EvaluationSpec& evaluation, const std::string& path) const;

  // Task `task` of meta-training step `step`, which has the same sizes as the others of that step.
  Task Sample(uint64_t step, uint32_t task) const;
  // Task `task` of an evaluation for which Check is OK. Depends on its split, ways, shots, queries
  // and seed only.
  Task SampleEvaluation(const v1::EvaluationSpec& evaluation, uint32_t task) const;

 private:
  TaskSampler(const v1::JobSpec& spec, const DatasetIndex* index, ClassSplits splits);

  // For the job's episode, or one with other sizes.
  std::unique_ptr<const EpisodeSampler> SamplerOf(const v1::Episode& episode,
                                                  v1::Split split) const;

  const v1::Episode episode_;
  const uint64_t seed_;
  const DatasetIndex index_;  // Empty for episodes that are drawn on the spot.
  const ClassSplits splits_;
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_TASK_SAMPLER_H_
