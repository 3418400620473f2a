#include "coordinator/core/requests.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/start_from.h"

namespace outerloop::coordinator {

absl::StatusOr<Decision> DecideSubmit(const Core& core, JobRecord job) {
  if (const Job* before = core.FindJobByRequest(job.request_id)) {
    return Decision{{}, std::nullopt, before->record.job_id};
  }
  RETURN_IF_ERROR(CompleteStartFrom(core, job));
  return Decision{{job}, JobAdmitted{job}, job.job_id};
}

absl::StatusOr<Decision> DecideCancel(const Core& core, const std::string& job_id) {
  const v1::JobState state = core.FindJob(job_id)->record.state;
  if (state == v1::CANCELLED) return Decision{{}, std::nullopt, job_id};
  if (IsFinal(state)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "job ", job_id, " has ended as ", v1::JobState_Name(state), "; nothing to cancel"));
  }
  return Decision{{}, CancelRequested{job_id}, job_id};
}

absl::StatusOr<Decision> DecideEvaluation(const Core& core, const EvaluationRecord& evaluation) {
  if (const auto* before = core.FindEvaluationByRequest(evaluation.request_id)) {
    return Decision{{}, std::nullopt, before->evaluation_id};
  }
  return Decision{{evaluation}, EvaluationAdmitted{evaluation}, evaluation.evaluation_id};
}

absl::StatusOr<Decision> DecideCheckpoint(const Core& core, uint64_t generation,
                                          const CheckpointRecord& checkpoint) {
  const Job* job = core.FindJob(checkpoint.job_id);
  if (job == nullptr || job->ended() || !job->group.has_value() ||
      job->group->generation() != generation) {
    return absl::AbortedError(absl::StrCat("generation ", generation, " of job ", checkpoint.job_id,
                                           " is not the present one"));
  }
  if (checkpoint.step > job->record.step) {
    return absl::UnavailableError(absl::StrCat("step ", checkpoint.step, " of job ",
                                               checkpoint.job_id, " has not been reported yet"));
  }
  return Decision{{checkpoint}, CheckpointStored{checkpoint}, checkpoint.job_id};
}

}  // namespace outerloop::coordinator
