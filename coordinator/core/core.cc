#include "coordinator/core/core.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace outerloop::coordinator {

// ---- Events

Effects Core::Restore(const Remembered& remembered, absl::Time now) {
  now_ = now;
  last_tick_ = now;
  effects_ = {};
  for (const JobRecord& record : remembered.jobs) AddJob(record);
  for (const DeletionRecord& deletion : remembered.deletions) Remember(deletion);
  for (const CheckpointRecord& checkpoint : remembered.checkpoints) {
    const auto job = jobs_by_id_.find(checkpoint.job_id);
    if (job != jobs_by_id_.end()) job->second->checkpoints.push_back(checkpoint);
  }
  for (const LossRecord& loss : remembered.losses) {
    const auto job = jobs_by_id_.find(loss.job_id);
    if (job != jobs_by_id_.end()) job->second->losses[loss.step] = loss.loss;
  }
  for (const EvaluationRecord& evaluation : remembered.evaluations) AdmitEvaluation(evaluation);
  for (const auto& [job_id, event] : remembered.latest_events) {
    const auto job = jobs_by_id_.find(job_id);
    if (job == jobs_by_id_.end()) continue;
    job->second->events = event.number();
    job->second->last_event = event.kind();
  }
  for (Job& job : jobs_) {
    effects_.changed_jobs.insert(job.record.job_id);
    RetainCheckpoints(job);  // The kill may have come before what follows from the last one.
    if (job.ended()) continue;
    if (job.trained()) {
      CompleteTraining(job);
    } else if (job.record.state != v1::QUEUED && !job.paused()) {
      Await(job);
    }
  }
  Schedule();
  return std::move(effects_);
}

Effects Core::Apply(const Event& event, absl::Time now) {
  effects_ = Hear(event, now);
  if (std::exchange(attention_, false)) Schedule();
  return std::move(effects_);
}

Effects Core::Hear(const Event& event, absl::Time now) {
  now_ = now;
  effects_ = {};
  std::visit(
      [this](const auto& e) {
        NoteReport(e);
        NoteAsker(e);
        On(e);
      },
      event);
  return std::move(effects_);
}

Effects Core::Attend(absl::Time now) {
  now_ = now;
  effects_ = {};
  if (std::exchange(attention_, false)) Schedule();
  return std::move(effects_);
}

void Core::Announce(const JobRecord& job) { AddJob(job).announced = true; }

void Core::Withdraw(const std::string& job_id) {
  const auto job = jobs_by_id_.find(job_id);
  if (job != jobs_by_id_.end() && job->second->announced) RemoveJob(*job->second);
}

void Core::On(const JobAdmitted& event) {
  const auto announced = jobs_by_id_.find(event.job.job_id);
  Job& job = announced != jobs_by_id_.end() ? *announced->second : AddJob(event.job);
  job.announced = false;
  job.events = 1;
  job.last_event = v1::JobEvent::SUBMITTED;
  attention_ = true;
  effects_.changed_jobs.insert(event.job.job_id);
  Log(absl::StrFormat("job %s (%s) submitted: %d steps of %d tasks", event.job.job_id,
                      event.job.spec.name(), event.job.spec.training().steps(),
                      event.job.spec.training().tasks_per_step()));
}

void Core::On(const CancelRequested& event) {
  if (Job* job = FindUnfinished(event.job_id)) End(*job, v1::CANCELLED, "cancelled");
}

void Core::On(const PriorityChanged& event) {
  Job* job = FindUnfinished(event.job_id);
  if (job == nullptr) return;
  job->record.requests.push_back(event.request_id);
  job->record.priority = event.priority;
  attention_ = true;
  Log(absl::StrCat("job ", event.job_id, " has priority ", event.priority, " now"));
  Save(*job);
  Tell(*job, v1::JobEvent::PRIORITY_CHANGED, absl::StrCat("priority ", event.priority));
}

void Core::On(const DeletionRequested& event) {
  const auto found = jobs_by_id_.find(event.job_id);
  if (found == jobs_by_id_.end() || !found->second->ended()) return;
  const Job& job = *found->second;
  for (const CheckpointRecord& checkpoint : job.checkpoints) {
    effects_.dropped_files.push_back(checkpoint.sha256);
  }
  for (const std::string& id : job.evaluations) evaluations_.erase(id);
  const DeletionRecord deletion{event.request_id, event.job_id, job.record.request_id};
  effects_.writes.push_back(deletion);
  effects_.changed_jobs.insert(event.job_id);
  Remember(deletion);
  Log(absl::StrCat("job ", event.job_id, " is deleted"));
  RemoveJob(job);
}

void Core::On(const SweepDeletionRequested& event) {
  for (const std::string& job_id : event.job_ids) {
    On(DeletionRequested{job_id, absl::StrCat(event.sweep.request_id, " ", job_id)});
  }
  effects_.writes.push_back(event.sweep);
  Remember(event.sweep);
  Log(absl::StrCat("sweep ", event.sweep.job_id, " is deleted"));
}

// ---- Jobs

Job& Core::AddJob(const JobRecord& record) {
  Job& job = jobs_.emplace_back();
  job.record = record;
  job.number = ++last_number_;
  jobs_by_id_[record.job_id] = &job;
  jobs_by_request_[record.request_id] = &job;
  if (!job.ended()) unfinished_[job.number] = &job;
  return job;
}

void Core::RemoveJob(const Job& job) {
  unfinished_.erase(job.number);
  jobs_by_request_.erase(job.record.request_id);
  jobs_by_id_.erase(job.record.job_id);
  jobs_.remove_if([&job](const Job& one) { return &one == &job; });
}

void Core::Remember(const DeletionRecord& deletion) {
  deletions_[deletion.request_id] = deletion.job_id;
  deletions_[deletion.submit_request_id] = deletion.job_id;
}

Job* Core::FindUnfinished(const std::string& job_id) {
  const auto job = jobs_by_id_.find(job_id);
  return job == jobs_by_id_.end() || job->second->ended() ? nullptr : job->second;
}

std::vector<Job*> Core::Unfinished() {
  std::vector<Job*> jobs;
  for (const auto& [number, job] : unfinished_) jobs.push_back(job);
  return jobs;
}

Job* Core::MemberJob(SessionId session, const std::string& job_id, uint64_t generation) {
  Job* job = FindUnfinished(job_id);
  if (job == nullptr || pool_.Find(session) == nullptr || !job->group.has_value()) return nullptr;
  const Group& group = *job->group;
  return group.generation() == generation && group.Has(session) ? job : nullptr;
}

void Core::End(Job& job, v1::JobState state, const std::string& reason) {
  job.record.finished = now_;
  job.record.pausing = false;
  Become(job, state, reason);
  EndGrace(job);
  if (job.group.has_value()) Dissolve(job);
  if (state != v1::SUCCEEDED) {
    for (const std::string& evaluation_id : job.evaluations) {
      FailEvaluation(evaluation_id, "its job ended");
    }
  }
  RetainCheckpoints(job);
  // It may have been forked from a checkpoint of another one.
  const auto parent = jobs_by_id_.find(job.record.spec.start_from().job());
  if (parent != jobs_by_id_.end()) RetainCheckpoints(*parent->second);
}

void Core::Become(Job& job, v1::JobState state, const std::string& reason) {
  if (job.record.state == state && job.record.reason == reason) return;
  const v1::JobState before = std::exchange(job.record.state, state);
  if (job.ended()) {
    unfinished_.erase(job.number);
  } else {
    unfinished_[job.number] = &job;
  }
  job.record.reason = reason;
  const bool goes_on = state == v1::STARTING || state == v1::RUNNING || state == v1::RECOVERING;
  if (!goes_on) job.broke.reset();  // Whatever comes next is no recovery.
  Log(absl::StrCat("job ", job.record.job_id, ": ", v1::JobState_Name(state),
                   reason.empty() ? "" : ": ", reason));
  Save(job);
  if (state != before) TellState(job, before);
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
