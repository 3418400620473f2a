#include "coordinator/core/requests.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/select_checkpoint.h"
#include "coordinator/core/start_from.h"

namespace outerloop::coordinator {
namespace {

absl::Status CheckResumable(const Job& job) {
  const std::string& job_id = job.record.job_id;
  if (!job.ended()) {
    return absl::FailedPreconditionError(absl::StrCat("job ", job_id, " has not ended; it is ",
                                                      v1::JobState_Name(job.record.state)));
  }
  if (job.record.state != v1::SUCCEEDED) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("job ", job_id, " has SUCCEEDED; nothing to resume. To train on, submit a job ",
                   "with more steps that starts from it"));
}

// The beginning of a fork is a checkpoint of another job.
absl::Status CheckBeginning(const Core& core, const Job& job) {
  const v1::StartFrom& start = job.record.spec.start_from();
  if (!job.record.spec.has_start_from()) return absl::OkStatus();
  const Job* parent = core.FindJob(start.job());
  if (parent != nullptr && parent->checkpoint(start.step()) != nullptr &&
      parent->checkpoint(start.step())->sha256 == start.checkpoint_sha256()) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat("job ", start.job(),
                                          " has not kept its checkpoint of step ", start.step(),
                                          ", which this job began with"));
}

absl::StatusOr<uint64_t> ResumedStep(const Core& core, const Job& job,
                                     std::optional<uint64_t> step) {
  const uint64_t wanted =
      step.value_or(job.checkpoint() != nullptr ? job.checkpoint()->step : job.first_step());
  if (wanted == 0 || wanted == job.first_step()) {
    RETURN_IF_ERROR(CheckBeginning(core, job));
    return job.first_step();
  }
  ASSIGN_OR_RETURN(const CheckpointRecord checkpoint, SelectCheckpoint(job.checkpoints, wanted));
  return checkpoint.step;
}

// Jobs that go on may need the checkpoint that they began with.
absl::Status CheckForks(const Core& core, const std::string& job_id, uint64_t resumed_step) {
  for (const Job& fork : core.jobs()) {
    const v1::StartFrom& start = fork.record.spec.start_from();
    if (fork.ended() || start.job() != job_id || start.step() <= resumed_step) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("job ", fork.record.job_id, " began with this job's checkpoint of step ",
                     start.step(), ", which would be dropped; resume from there or later, or wait ",
                     "until that job has ended"));
  }
  return absl::OkStatus();
}

absl::Status CheckWanted(const Job* job, uint64_t generation, const CheckpointRecord& checkpoint) {
  if (job == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no job ", checkpoint.job_id));
  }
  if (job->ended()) {
    return absl::FailedPreconditionError(absl::StrCat("job ", checkpoint.job_id, " has ended"));
  }
  if (generation > job->record.generation || generation <= job->record.resumed_generation) {
    return absl::AbortedError(absl::StrCat("generation ", generation, " of job ", checkpoint.job_id,
                                           " is none of its present run"));
  }
  if (checkpoint.step <= job->first_step() || checkpoint.step > job->steps() ||
      !job->CheckpointAt(checkpoint.step)) {
    return absl::InvalidArgumentError(
        absl::StrCat("job ", checkpoint.job_id, " has no checkpoint after step ", checkpoint.step));
  }
  return absl::OkStatus();
}

}  // namespace

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
  const CheckpointRecord* checkpoint = core.FindJob(evaluation.job_id)->checkpoint(evaluation.step);
  if (checkpoint == nullptr || checkpoint->sha256 != evaluation.checkpoint_sha256) {
    return absl::NotFoundError(
        absl::StrCat("the checkpoint of step ", evaluation.step, " is not kept any more"));
  }
  return Decision{{evaluation}, EvaluationAdmitted{evaluation}, evaluation.evaluation_id};
}

absl::StatusOr<Decision> DecideResume(const Core& core, const std::string& job_id,
                                      const std::string& request_id, std::optional<uint64_t> step) {
  const Job& job = *core.FindJob(job_id);
  const std::vector<std::string>& before = job.record.resume_requests;
  if (std::find(before.begin(), before.end(), request_id) != before.end()) {
    return Decision{{}, std::nullopt, job_id};
  }
  RETURN_IF_ERROR(CheckResumable(job));
  ASSIGN_OR_RETURN(const uint64_t resumed_step, ResumedStep(core, job, step));
  RETURN_IF_ERROR(CheckForks(core, job_id, resumed_step));
  return Decision{{}, ResumeRequested{job_id, request_id, resumed_step}, job_id};
}

absl::StatusOr<Decision> DecideCheckpoint(const Core& core, uint64_t generation,
                                          const CheckpointRecord& checkpoint) {
  const Job* job = core.FindJob(checkpoint.job_id);
  RETURN_IF_ERROR(CheckWanted(job, generation, checkpoint));
  const CheckpointRecord* before = job->checkpoint(checkpoint.step);
  if (before != nullptr && before->sha256 == checkpoint.sha256) {
    return Decision{{}, std::nullopt, checkpoint.job_id};
  }
  if (before != nullptr) {
    return Decision{{},
                    CheckpointDisputed{checkpoint, generation, before->parameters_sha256},
                    checkpoint.job_id};
  }
  if (checkpoint.step > job->record.step) {
    return absl::UnavailableError(absl::StrCat("step ", checkpoint.step, " of job ",
                                               checkpoint.job_id, " has not been reported yet"));
  }
  return Decision{{checkpoint}, CheckpointStored{checkpoint}, checkpoint.job_id};
}

}  // namespace outerloop::coordinator
