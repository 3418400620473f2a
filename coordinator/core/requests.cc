#include "coordinator/core/requests.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/core/field_checks.h"
#include "coordinator/core/job_event.h"
#include "coordinator/core/select_checkpoint.h"
#include "coordinator/core/start_from.h"

namespace outerloop::coordinator {
namespace {

constexpr int32_t kHighestPriority = 100;

// From an earlier step, or after its end.
absl::Status CheckResumable(const Job& job) {
  const std::string& job_id = job.record.job_id;
  if (job.record.pausing) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job_id, " is not PAUSED yet; resume it without a step, or wait"));
  }
  if (job.paused()) return absl::OkStatus();
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
  for (const Job* fork : core.UnfinishedJobs()) {
    const v1::StartFrom& start = fork->record.spec.start_from();
    if (start.job() != job_id || start.step() <= resumed_step) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("job ", fork->record.job_id, " began with this job's checkpoint of step ",
                     start.step(), ", which would be dropped; resume from there or later, or wait ",
                     "until that job has ended"));
  }
  return absl::OkStatus();
}

// A step that no checkpoint is due after has one only if the job stopped there: while it stands at
// that step.
absl::Status CheckAskedFor(const Job& job, uint64_t generation, uint64_t step) {
  if (job.CheckpointAt(step) || step == job.record.step) return absl::OkStatus();
  const bool is_member = job.group.has_value() && job.group->generation() == generation;
  if (step < job.record.step || !is_member) {
    return absl::AbortedError(
        absl::StrCat("job ", job.record.job_id, " is not to stop after step ", step, " any more"));
  }
  if (job.group->HasExtraCheckpoint(step)) return absl::OkStatus();  // It will be reported.
  return absl::InvalidArgumentError(
      absl::StrCat("job ", job.record.job_id, " has no checkpoint after step ", step));
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
  if (checkpoint.step <= job->first_step() || checkpoint.step > job->steps()) {
    return absl::InvalidArgumentError(
        absl::StrCat("job ", checkpoint.job_id, " has no checkpoint after step ", checkpoint.step));
  }
  return CheckAskedFor(*job, generation, checkpoint.step);
}

// Whether nothing needs the job any more.
absl::Status CheckForgettable(const Core& core, const Job& job) {
  const std::string& job_id = job.record.job_id;
  if (!job.ended()) {
    return absl::FailedPreconditionError(absl::StrCat("job ", job_id, " has not ended; it is ",
                                                      v1::JobState_Name(job.record.state),
                                                      ". Cancel it first"));
  }
  for (const std::string& id : job.evaluations) {
    if (core.FindEvaluation(id)->state != v1::EVALUATION_PENDING) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("evaluation ", id, " of job ", job_id, " is not done; wait until it is"));
  }
  for (const Job* fork : core.UnfinishedJobs()) {
    if (fork->record.spec.start_from().job() != job_id) continue;
    return absl::FailedPreconditionError(absl::StrCat("job ", fork->record.job_id,
                                                      " began with a checkpoint of job ", job_id,
                                                      "; wait until it has ended, or cancel it"));
  }
  return absl::OkStatus();
}

absl::Status CheckRoom(const Core& core, const std::string& owner, uint32_t limit) {
  const std::vector<const Job*> jobs = core.UnfinishedJobs();
  const auto is_of_owner = [&owner](const Job* job) {
    return job->record.spec.queue().owner() == owner;
  };
  if (std::count_if(jobs.begin(), jobs.end(), is_of_owner) < int64_t{limit}) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      absl::StrCat(limit, " jobs of ", owner.empty() ? "no owner" : owner,
                   " have not ended, the most that an owner may have (--max-jobs-per-owner of the ",
                   "coordinator); wait until one has, or cancel one"));
}

bool IsRepeat(const Job& job, const std::string& request_id) {
  const std::vector<std::string>& before = job.record.requests;
  return std::find(before.begin(), before.end(), request_id) != before.end();
}

}  // namespace

absl::StatusOr<Decision> DecideSubmit(const Core& core, JobRecord job, uint32_t limit) {
  if (const Job* before = core.FindJobByRequest(job.request_id)) {
    return Decision{{}, std::nullopt, before->record.job_id};
  }
  if (const std::string* before = core.FindDeletion(job.request_id)) {
    return absl::NotFoundError(
        absl::StrCat("job ", *before, ", which this request made, was deleted"));
  }
  RETURN_IF_ERROR(CheckRoom(core, job.spec.queue().owner(), limit));
  RETURN_IF_ERROR(CompleteStartFrom(core, job));
  job.priority = job.spec.queue().priority();
  return Decision{{job, SubmissionOf(job)}, JobAdmitted{job}, job.job_id};
}

absl::StatusOr<Decision> AskedBy(const std::string& who, absl::StatusOr<Decision> decision) {
  if (!decision.ok() || !decision->event.has_value()) return decision;
  std::visit(
      [&who](auto& event) {
        if constexpr (requires { event.by; }) event.by = who;
      },
      *decision->event);
  return decision;
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

absl::StatusOr<Decision> DecidePause(const Core& core, const std::string& job_id,
                                     const std::string& request_id) {
  const Job& job = *core.FindJob(job_id);
  if (IsRepeat(job, request_id)) return Decision{{}, std::nullopt, job_id};
  if (!job.ended()) return Decision{{}, PauseRequested{job_id, request_id}, job_id};
  const bool can_go_on = job.record.state != v1::SUCCEEDED;
  return absl::FailedPreconditionError(
      absl::StrCat("job ", job_id, " has ended as ", v1::JobState_Name(job.record.state),
                   "; nothing to pause", can_go_on ? ". To go on with it, resume it" : ""));
}

absl::StatusOr<Decision> DecideRelease(const Core& core, const std::string& job_id,
                                       const std::string& request_id, uint64_t hold_step) {
  const Job& job = *core.FindJob(job_id);
  if (IsRepeat(job, request_id)) return Decision{{}, std::nullopt, job_id};
  if (job.paused() && job.at_hold()) {
    return Decision{{}, ReleaseRequested{job_id, request_id, hold_step}, job_id};
  }
  return absl::FailedPreconditionError(
      absl::StrCat("job ", job_id, " is not held; it is ", v1::JobState_Name(job.record.state)));
}

absl::StatusOr<Decision> DecidePriority(const Core& core, const std::string& job_id,
                                        const std::string& request_id, int32_t priority) {
  if (std::abs(priority) > kHighestPriority) {
    return Refuse("priority", absl::StrCat(priority),
                  absl::StrCat("a number from ", -kHighestPriority, " to ", kHighestPriority));
  }
  const Job& job = *core.FindJob(job_id);
  if (IsRepeat(job, request_id)) return Decision{{}, std::nullopt, job_id};
  if (!job.ended()) return Decision{{}, PriorityChanged{job_id, request_id, priority}, job_id};
  return absl::FailedPreconditionError(absl::StrCat("job ", job_id, " has ended as ",
                                                    v1::JobState_Name(job.record.state),
                                                    "; it waits for nothing any more"));
}

absl::StatusOr<Decision> DecideDeletion(const Core& core, const std::string& job_id,
                                        const std::string& request_id) {
  if (const std::string* before = core.FindDeletion(request_id)) {
    return Decision{{}, std::nullopt, *before};
  }
  const Job* job = core.FindJob(job_id);
  if (job == nullptr) return absl::NotFoundError(absl::StrCat("there is no job ", job_id));
  RETURN_IF_ERROR(CheckForgettable(core, *job));
  return Decision{{}, DeletionRequested{job->record.job_id, request_id}, job->record.job_id};
}

absl::StatusOr<Decision> DecideSweepDeletion(const Core& core, const DeletionRecord& sweep,
                                             const std::vector<std::string>& job_ids) {
  if (const std::string* before = core.FindDeletion(sweep.request_id)) {
    return Decision{{}, std::nullopt, *before};
  }
  SweepDeletionRequested deletion{sweep, {}};
  for (const std::string& job_id : job_ids) {
    const Job* job = core.FindJob(job_id);
    if (job == nullptr || job->record.job_id != job_id) continue;  // Or another one's name.
    RETURN_IF_ERROR(CheckForgettable(core, *job));
    deletion.job_ids.push_back(job_id);
  }
  return Decision{{}, std::move(deletion), sweep.job_id};
}

absl::StatusOr<Decision> DecideEvaluation(const Core& core, const EvaluationRecord& evaluation) {
  if (const auto* before = core.FindEvaluationByRequest(evaluation.request_id)) {
    return Decision{{}, std::nullopt, before->evaluation_id};
  }
  const Job* job = core.FindJob(evaluation.job_id);
  const CheckpointRecord* checkpoint = job == nullptr ? nullptr : job->checkpoint(evaluation.step);
  if (checkpoint == nullptr || checkpoint->sha256 != evaluation.checkpoint_sha256) {
    return absl::NotFoundError(
        absl::StrCat("the checkpoint of step ", evaluation.step, " is not kept any more"));
  }
  return Decision{{evaluation}, EvaluationAdmitted{evaluation}, evaluation.evaluation_id};
}

absl::StatusOr<Decision> DecideResume(const Core& core, const std::string& job_id,
                                      const std::string& request_id, std::optional<uint64_t> step) {
  const Job& job = *core.FindJob(job_id);
  if (IsRepeat(job, request_id)) return Decision{{}, std::nullopt, job_id};
  if (job.paused() && job.at_hold()) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job_id, " ", job.record.reason, " until its sweep lets it go on"));
  }
  if ((job.paused() || job.record.pausing) && !step.has_value()) {
    return Decision{{}, PauseEnded{job_id, request_id}, job_id};
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
  CheckpointRecord kept = checkpoint;
  if (!job->CheckpointAt(kept.step)) kept.losses = job->record.losses;
  return Decision{{kept}, CheckpointStored{kept}, kept.job_id};
}

}  // namespace outerloop::coordinator
