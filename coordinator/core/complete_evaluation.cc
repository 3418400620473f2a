#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_episode.h"
#include "coordinator/core/complete_fields.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/core/field_checks.h"
#include "data/episode_sizes.h"

namespace outerloop::coordinator {
namespace {

void SetDefaults(v1::EvaluationSpec& spec, const v1::JobSpec& job) {
  if (spec.split() == v1::SPLIT_UNSPECIFIED) spec.set_split(v1::TEST);
  if (!spec.has_tasks()) spec.set_tasks(1000);
  if (!spec.has_seed()) spec.set_seed(job.training().seed());
  if (spec.inner_steps().empty()) spec.add_inner_steps(InnerStepsOf(job.algorithm()));
  const v1::Episode& episode = job.episode();
  if (!spec.has_queries()) spec.set_queries(data::QueriesOf(episode));
  if (!spec.has_shots()) spec.set_shots(data::ShotsOf(episode));
  if (!spec.has_ways() && data::WaysOf(episode) > 0) spec.set_ways(data::WaysOf(episode));
}

absl::Status CheckInnerSteps(const std::string& path, const v1::EvaluationSpec& spec,
                             const v1::JobSpec& job) {
  const uint64_t max = HasInnerLoop(job.algorithm()) ? kMaxInnerSteps : 0;
  for (int i = 0; i < spec.inner_steps_size(); ++i) {
    const std::string element = absl::StrCat(path, "[", i, "]");
    RETURN_IF_ERROR(CheckInteger(element, spec.inner_steps(i), 0, max));
    if (i > 0 && spec.inner_steps(i) <= spec.inner_steps(i - 1)) {
      return Refuse(element, absl::StrCat(spec.inner_steps(i)),
                    absl::StrCat("more than the one before it, ", spec.inner_steps(i - 1)));
    }
  }
  const uint64_t scores = uint64_t{spec.tasks()} * spec.inner_steps_size();
  if (scores <= kMaxScores) return absl::OkStatus();
  return Refuse(
      path, absl::StrCat("a list of ", spec.inner_steps_size()),
      absl::StrCat("at most ", kMaxScores / spec.tasks(), " for ", spec.tasks(), " tasks"));
}

absl::Status CheckWays(const std::string& path, const v1::EvaluationSpec& spec,
                       const v1::JobSpec& job) {
  const uint32_t trained = data::WaysOf(job.episode());
  if (trained == 0) {
    if (!spec.has_ways()) return absl::OkStatus();
    return Refuse(path, absl::StrCat(spec.ways()), "none: tasks of this episode have no classes");
  }
  if (TakesAnyWays(job)) return CheckInteger(path, spec.ways(), 2, kMaxExamplesPerShard);
  if (spec.ways() == trained) return absl::OkStatus();
  return Refuse(
      path, absl::StrCat(spec.ways()),
      absl::StrCat(trained, ", as in training: the model's last layer has as many outputs"));
}

// A shard of an evaluation has as many tasks as one of training.
absl::Status CheckExamples(const std::string& path, const v1::EvaluationSpec& spec,
                           const v1::JobSpec& job) {
  RETURN_IF_ERROR(CheckInteger(path + ".shots", spec.shots(), 1, kMaxExamplesPerShard));
  RETURN_IF_ERROR(CheckInteger(path + ".queries", spec.queries(), 1, kMaxExamplesPerShard));
  const uint64_t examples = ExamplesPerTask(data::EvaluatedEpisode(spec, job.episode()));
  if (examples * job.training().tasks_per_shard() <= kMaxExamplesPerShard) return absl::OkStatus();
  return Refuse(
      path + ".queries", absl::StrCat(spec.queries()),
      absl::StrCat("less: a shard has ", job.training().tasks_per_shard(), " tasks of ", examples,
                   " examples, and may have ", kMaxExamplesPerShard, " examples in all"));
}

}  // namespace

absl::StatusOr<v1::EvaluationSpec> CompleteEvaluation(const v1::EvaluationSpec& given,
                                                      const v1::JobSpec& job,
                                                      const std::string& path) {
  v1::EvaluationSpec spec = given;
  SetDefaults(spec, job);
  RETURN_IF_ERROR(CheckSplit(path + ".split", spec.split()));
  RETURN_IF_ERROR(CheckInteger(path + ".tasks", spec.tasks(), 2, 1'000'000));
  RETURN_IF_ERROR(CheckInnerSteps(path + ".inner_steps", spec, job));
  RETURN_IF_ERROR(CheckWays(path + ".ways", spec, job));
  RETURN_IF_ERROR(CheckExamples(path, spec, job));
  return spec;
}

}  // namespace outerloop::coordinator
