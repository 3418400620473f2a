#include "coordinator/core/core.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace outerloop::coordinator {
namespace {

// A step's time weighs this much in the running mean.
constexpr double kStepTimeWeight = 0.1;

bool WasGrouped(v1::JobState state) { return state != v1::QUEUED; }

}  // namespace

// ---- Events

Effects Core::Restore(const Remembered& remembered, absl::Time now) {
  now_ = now;
  last_tick_ = now;
  effects_ = {};
  for (const JobRecord& record : remembered.jobs) {
    jobs_.emplace_back();
    jobs_.back().record = record;
  }
  for (const CheckpointRecord& checkpoint : remembered.checkpoints) {
    for (Job& job : jobs_) {
      if (job.record.job_id == checkpoint.job_id) job.checkpoints.push_back(checkpoint);
    }
  }
  for (const LossRecord& loss : remembered.losses) {
    for (Job& job : jobs_) {
      if (job.record.job_id == loss.job_id) job.losses[loss.step] = loss.loss;
    }
  }
  for (const EvaluationRecord& evaluation : remembered.evaluations) AdmitEvaluation(evaluation);
  for (Job& job : jobs_) {
    effects_.changed_jobs.insert(job.record.job_id);
    RetainCheckpoints(job);  // The kill may have come before what follows from the last one.
    if (job.ended()) continue;
    if (job.trained()) {
      CompleteTraining(job);
    } else if (WasGrouped(job.record.state)) {
      job.grace_end = now_ + options_.grace;
      Become(job, v1::RECOVERING, "the coordinator was restarted; waits for its workers");
    }
  }
  Schedule();
  return std::move(effects_);
}

Effects Core::Apply(const Event& event, absl::Time now) {
  now_ = now;
  effects_ = {};
  std::visit(
      [this](const auto& e) {
        NoteReport(e);
        On(e);
      },
      event);
  // The one event that decides nothing, and by far the most frequent.
  if (!std::holds_alternative<HeartbeatReceived>(event)) Schedule();
  return std::move(effects_);
}

void Core::On(const WorkerConnected& event) {
  if (const auto old = pool_.SessionOf(event.worker_id); old.has_value()) {
    Send(*old, CloseSession{absl::AbortedError("the worker has connected again")});
    On(WorkerLost{*old});
  }
  if (event.held.has_value()) RecordHeld(*event.held);
  pool_.Add(event, now_);
  effects_.workers_changed = true;
  effects_.log.push_back(absl::StrFormat("worker %s on %s connected as session %d", event.worker_id,
                                         event.host, event.session));
}

void Core::On(const WorkerLost& event) {
  const Worker* worker = pool_.Find(event.session);
  if (worker == nullptr) return;
  const std::string worker_id = worker->info.worker_id;
  effects_.log.push_back(
      absl::StrFormat("worker %s (session %d) is gone", worker_id, event.session));
  pool_.Remove(event.session);
  effects_.workers_changed = true;
  for (EvaluationRun& run : runs_) run.TakeBack(event.session);
  for (Job& job : jobs_) {
    if (!job.group.has_value() || !job.group->Has(event.session)) continue;
    LoseMember(job, event.session, worker_id);
  }
}

void Core::LoseMember(Job& job, SessionId session, const std::string& worker_id) {
  if (job.trained()) {  // It was wanted for nothing any more.
    Dissolve(job);
    return CompleteTraining(job);
  }
  Become(job, v1::RECOVERING, absl::StrCat("worker ", worker_id, " was lost"));
  std::vector<SessionId> members = job.group->members();
  std::erase(members, session);
  AddIdle(job, members);
  if (!members.empty() && members.size() >= job.min_workers()) {
    FormGroup(job, std::move(members));
  } else {
    Dissolve(job);
  }
}

void Core::On(const JobAdmitted& event) {
  jobs_.emplace_back();
  jobs_.back().record = event.job;
  effects_.changed_jobs.insert(event.job.job_id);
  effects_.log.push_back(absl::StrFormat(
      "job %s (%s) submitted: %d steps of %d tasks", event.job.job_id, event.job.spec.name(),
      event.job.spec.training().steps(), event.job.spec.training().tasks_per_step()));
}

void Core::On(const CancelRequested& event) {
  for (Job& job : jobs_) {
    if (job.record.job_id == event.job_id && !job.ended()) End(job, v1::CANCELLED, "cancelled");
  }
}

void Core::On(const MemberReady& event) {
  Job* job = MemberJob(event.session, event.job_id, event.generation);
  if (job == nullptr) return;
  if (job->group->MarkReady(event.session, event.held_step, event.endpoint)) StartGroup(*job);
}

void Core::On(const StepFinished& event) {
  Job* job = MemberJob(event.session, event.job_id, event.generation);
  if (job == nullptr) return RecordLate(event);
  const uint64_t step = event.metrics.step();
  const std::string& worker_id = pool_.Find(event.session)->info.worker_id;
  switch (job->group->MarkDone(event.session, step, event.parameters_sha256)) {
    case Group::Report::kUnexpected:
      return;
    case Group::Report::kMismatch:
      End(*job, v1::FAILED,
          absl::StrFormat("worker %s reports other parameters after step %d than another member of "
                          "its group: digest %s. Its machine or its build computes differently",
                          worker_id, step, event.parameters_sha256));
      return;
    case Group::Report::kAccepted:
      break;
  }
  Record(*job, event.metrics, event.parameters_sha256);
  if (job->ended()) return;
  CompleteTraining(*job);
  if (!job->group.has_value()) return;
  if (job->group->phase() == Group::Phase::kDraining && job->group->idle()) {
    std::vector<SessionId> members = job->group->members();
    AddIdle(*job, members);
    FormGroup(*job, std::move(members));
  } else {
    GiveOutPlans(*job);
  }
}

void Core::On(const MemberFailed& event) {
  Job* job = MemberJob(event.session, event.job_id, event.generation);
  if (job == nullptr) return;
  const std::string reason =
      absl::StrCat("worker ", pool_.Find(event.session)->info.worker_id, ": ", event.reason);
  if (event.cause != v1::GroupFailed::PEERS && event.cause != v1::GroupFailed::UNREACHABLE) {
    return End(*job, v1::FAILED, reason);
  }
  Become(*job, v1::RECOVERING, reason);
  std::vector<SessionId> members = job->group->members();
  FormGroup(*job, std::move(members));
}

Job* Core::MemberJob(SessionId session, const std::string& job_id, uint64_t generation) {
  if (pool_.Find(session) == nullptr) return nullptr;
  for (Job& job : jobs_) {
    if (job.record.job_id == job_id && job.group.has_value() &&
        job.group->generation() == generation && job.group->Has(session)) {
      return &job;
    }
  }
  return nullptr;
}

// ---- Progress

void Core::Record(Job& job, const v1::StepMetrics& metrics, const std::string& parameters_sha256) {
  JobRecord& record = job.record;
  if (metrics.step() == record.step && !record.parameters_sha256.empty() &&
      !parameters_sha256.empty() && record.parameters_sha256 != parameters_sha256) {
    return End(
        job, v1::FAILED,
        absl::StrFormat("step %d was computed again with another result: digest %s, before %s",
                        record.step, parameters_sha256, record.parameters_sha256));
  }
  if (metrics.step() == record.step && record.parameters_sha256.empty()) {
    record.parameters_sha256 = parameters_sha256;
    SaveSoon(record);
    effects_.changed_jobs.insert(record.job_id);
  }
  if (metrics.step() <= record.step) return;  // A replay, or another member's report.
  job.step_seconds +=
      (job.step_seconds == 0 ? 1.0 : kStepTimeWeight) * (metrics.seconds() - job.step_seconds);
  if (record.started == absl::InfinitePast()) record.started = now_;
  record.step = metrics.step();
  record.parameters_sha256 = parameters_sha256;
  SaveSoon(StepRecord{record.job_id, metrics});
  AccountLoss(job, metrics);
  SaveSoon(record);
  effects_.changed_jobs.insert(record.job_id);
}

void Core::RecordLate(const StepFinished& event) {
  for (Job& job : jobs_) {
    if (job.record.job_id != event.job_id || job.ended()) continue;
    if (event.generation <= job.record.resumed_generation) continue;  // Of another run.
    if (event.metrics.step() != job.record.step + 1) continue;
    Record(job, event.metrics, event.parameters_sha256);
  }
}

void Core::RecordHeld(const Held& held) {
  for (Job& job : jobs_) {
    if (job.record.job_id != held.job_id || job.ended()) continue;
    if (job.record.resumed_generation != held.resumed_generation) continue;  // Another run's.
    for (const v1::StepMetrics& metrics : held.recent) Record(job, metrics, "");
  }
}

void Core::CompleteTraining(Job& job) {
  if (!job.trained()) return;
  if (job.group.has_value()) {
    if (job.group->finished() < job.steps()) return;
    Dissolve(job);
  }
  // Whoever reported it first may not have taken it.
  if (job.record.parameters_sha256.empty()) {
    job.record.parameters_sha256 = job.checkpoint()->parameters_sha256;
  }
  const auto& specs = job.record.spec.evaluations();
  for (int i = 0; i < specs.size(); ++i) {
    EvaluationRecord evaluation;
    evaluation.evaluation_id = absl::StrCat(job.record.job_id, "-evaluation-", i);
    const auto before = evaluations_.find(evaluation.evaluation_id);
    // One of a run that failed is done again, unless it is of the same parameters.
    if (before != evaluations_.end() && before->second.state != v1::EVALUATION_FAILED &&
        before->second.parameters_sha256 == job.checkpoint()->parameters_sha256) {
      continue;
    }
    evaluation.request_id = evaluation.evaluation_id;
    evaluation.job_id = job.record.job_id;
    evaluation.step = job.checkpoint()->step;
    evaluation.checkpoint_sha256 = job.checkpoint()->sha256;
    evaluation.parameters_sha256 = job.checkpoint()->parameters_sha256;
    evaluation.spec = specs[i];
    evaluation.created = now_;
    effects_.writes.push_back(evaluation);
    AdmitEvaluation(evaluation);
  }
  Become(job, v1::RUNNING, "is being evaluated");
  ConcludeIfEvaluated(job);
}

// ---- Endings and bookkeeping

void Core::End(Job& job, v1::JobState state, const std::string& reason) {
  job.record.finished = now_;
  Become(job, state, reason);
  if (job.group.has_value()) Dissolve(job);
  if (state != v1::SUCCEEDED) {
    for (const std::string& evaluation_id : job.evaluations) {
      FailEvaluation(evaluation_id, "its job ended");
    }
  }
  RetainCheckpoints(job);
  for (Job& other : jobs_) {  // It may have been forked from a checkpoint of this one.
    if (other.record.job_id == job.record.spec.start_from().job()) RetainCheckpoints(other);
  }
}

void Core::Become(Job& job, v1::JobState state, const std::string& reason) {
  if (job.record.state == state && job.record.reason == reason) return;
  job.record.state = state;
  job.record.reason = reason;
  effects_.log.push_back(absl::StrCat("job ", job.record.job_id, ": ", v1::JobState_Name(state),
                                      reason.empty() ? "" : ": ", reason));
  Save(job);
}

void Core::Save(const Job& job) {
  effects_.writes.push_back(job.record);
  effects_.changed_jobs.insert(job.record.job_id);
}

void Core::SaveSoon(const Write& write) {
  // Not before what the same event has written already: that would undo this.
  (effects_.writes.empty() ? effects_.deferred_writes : effects_.writes).push_back(write);
}

void Core::Send(SessionId to, decltype(Message::content) content) {
  effects_.messages.push_back({to, std::move(content)});
}

}  // namespace outerloop::coordinator
