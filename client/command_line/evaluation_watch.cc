#include "client/command_line/evaluation_watch.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace outerloop::client {
namespace {

ProgressLine EvaluationLine(const v1::Job& job, const v1::Evaluation& evaluation) {
  ProgressLine line{
      .label = absl::StrCat("evaluating ", job.spec().name()),
      .done = evaluation.tasks_done(),
      .total = evaluation.spec().tasks(),
      .count = absl::StrCat(evaluation.tasks_done(), "/", evaluation.spec().tasks(), " tasks"),
      .fields = {}};
  if (!evaluation.reason().empty()) line.fields.push_back(evaluation.reason());
  return line;
}

}  // namespace

absl::StatusOr<v1::Evaluation> WatchEvaluation(Client& client, const v1::Job& job,
                                               std::optional<uint64_t> step,
                                               const v1::EvaluationSpec& spec,
                                               StatusDisplay& display) {
  auto result = client.EvaluateJob(job.job_id(), step, spec, [&](const v1::Evaluation& now) {
    display.Show(EvaluationLine(job, now), now.reason(), absl::Now());
  });
  display.Finish();
  if (!absl::IsCancelled(result.status())) return result;
  return absl::CancelledError(absl::StrCat(
      "stopped waiting; the evaluation goes on. See its result with: ", "outerloop describe ",
      job.job_id()));
}

}  // namespace outerloop::client
