#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/complete_episode.h"
#include "coordinator/core/complete_spec.h"
#include "coordinator/core/field_checks.h"

namespace outerloop::coordinator {
namespace {

void SetDefaults(v1::EvaluationSpec& spec, const v1::JobSpec& job) {
  if (spec.split() == v1::SPLIT_UNSPECIFIED) spec.set_split(v1::TEST);
  if (!spec.has_tasks()) spec.set_tasks(1000);
  if (spec.inner_steps().empty()) spec.add_inner_steps(job.algorithm().maml().inner_steps());
  if (!spec.has_queries()) spec.set_queries(QueriesOf(job.episode()));
}

absl::Status CheckInnerSteps(const std::string& path, const v1::EvaluationSpec& spec) {
  for (int i = 0; i < spec.inner_steps_size(); ++i) {
    const std::string element = absl::StrCat(path, "[", i, "]");
    RETURN_IF_ERROR(CheckInteger(element, spec.inner_steps(i), 0, kMaxInnerSteps));
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

// A shard of an evaluation has as many tasks as one of training.
absl::Status CheckQueries(const std::string& path, uint32_t queries, const v1::JobSpec& job) {
  RETURN_IF_ERROR(CheckInteger(path, queries, 1, kMaxExamplesPerShard));
  const uint64_t examples = ExamplesPerTask(job.episode(), queries);
  if (examples * job.training().tasks_per_shard() <= kMaxExamplesPerShard) return absl::OkStatus();
  return Refuse(
      path, absl::StrCat(queries),
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
  RETURN_IF_ERROR(CheckInnerSteps(path + ".inner_steps", spec));
  RETURN_IF_ERROR(CheckQueries(path + ".queries", spec.queries(), job));
  return spec;
}

}  // namespace outerloop::coordinator
