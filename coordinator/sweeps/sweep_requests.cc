#include "coordinator/sweeps/sweep_requests.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "coordinator/core/requests.h"

namespace outerloop::coordinator {
namespace {

absl::Status WasDeleted(const std::string& job_id) {
  return absl::NotFoundError(absl::StrCat("job ", job_id, " was deleted"));
}

Decide RequestFor(const v1::Sweep& sweep, const SubmitTrial& submit, absl::Time now) {
  const int index = static_cast<int>(submit.trial);
  JobRecord job;
  job.job_id = sweep.trials(index).job_id();
  job.request_id = absl::StrCat("submit ", job.job_id);
  job.spec = sweep.spec().trials(index).job();
  job.dataset_sha256 = sweep.trials(index).dataset_sha256();
  job.hold_step = submit.hold_step;
  job.created = now;
  return [job](const Core& core) { return DecideSubmit(core, job); };
}

Decide RequestFor(const v1::Sweep& sweep, const EvaluateTrial& evaluate, absl::Time now) {
  EvaluationRecord evaluation;
  evaluation.evaluation_id = evaluate.evaluation_id;
  evaluation.request_id = absl::StrCat("evaluate ", evaluate.evaluation_id);
  evaluation.job_id = sweep.trials(static_cast<int>(evaluate.trial)).job_id();
  evaluation.step = evaluate.step;
  evaluation.spec = evaluate.spec;
  evaluation.created = now;
  return [evaluation](const Core& core) {
    EvaluationRecord complete = evaluation;
    const Job* job = core.FindJob(evaluation.job_id);
    const CheckpointRecord* checkpoint =
        job != nullptr ? job->checkpoint(evaluation.step) : nullptr;
    if (checkpoint != nullptr) {
      complete.checkpoint_sha256 = checkpoint->sha256;
      complete.parameters_sha256 = checkpoint->parameters_sha256;
    }
    return DecideEvaluation(core, complete);
  };
}

Decide RequestFor(const v1::Sweep& sweep, const ReleaseTrial& release, absl::Time) {
  const std::string job_id = sweep.trials(static_cast<int>(release.trial)).job_id();
  const std::string request_id = absl::StrCat("release ", job_id, " after ", release.step);
  return
      [job_id, request_id, hold = release.hold_step](const Core& core) -> absl::StatusOr<Decision> {
        if (core.FindJob(job_id) == nullptr) return WasDeleted(job_id);
        return DecideRelease(core, job_id, request_id, hold);
      };
}

Decide RequestFor(const v1::Sweep& sweep, const CancelTrial& cancel, absl::Time) {
  const std::string job_id = sweep.trials(static_cast<int>(cancel.trial)).job_id();
  return [job_id](const Core& core) -> absl::StatusOr<Decision> {
    const Job* job = core.FindJob(job_id);
    if (job == nullptr || job->ended()) return Decision{{}, std::nullopt, job_id};
    return DecideCancel(core, job_id);
  };
}

}  // namespace

Decide RequestOf(const v1::Sweep& sweep, const SweepAction& action, absl::Time now) {
  return std::visit([&](const auto& of) { return RequestFor(sweep, of, now); }, action);
}

}  // namespace outerloop::coordinator
