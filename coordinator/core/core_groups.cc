// Who works on what, and the groups that follow from it.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"
#include "coordinator/core/dealing.h"
#include "coordinator/core/reducer_choice.h"

namespace outerloop::coordinator {

// ---- Scheduling

void Core::Schedule() {
  ScheduleEvaluations();
  for (Job& job : jobs_) {
    if (job.wants_group()) ScheduleJob(job);
  }
  for (Job& job : jobs_) {
    if (job.group.has_value()) Recruit(job);
  }
}

void Core::ScheduleJob(Job& job) {
  if (now_ < job.grace_end && !pool_.HasAll(job.record.members)) return;
  std::vector<SessionId> idle = pool_.Idle(job.record.numerics);
  if (idle.size() < job.min_workers()) return WaitFor(job, idle.size());
  if (job.record.numerics.device().empty()) {
    // The first worker decides; the others must round as it does.
    job.record.numerics = pool_.Find(idle.front())->info.numerics;
    idle = pool_.Idle(job.record.numerics);
    if (idle.size() < job.min_workers()) {
      job.record.numerics.Clear();
      return WaitFor(job, idle.size());
    }
  }
  if (idle.size() > job.max_workers()) idle.resize(job.max_workers());
  Become(job, job.record.state == v1::QUEUED ? v1::STARTING : v1::RECOVERING,
         "its group is forming");
  FormGroup(job, std::move(idle));
}

void Core::WaitFor(Job& job, size_t idle) {
  const size_t connected = pool_.workers().size();
  std::string reason =
      absl::StrFormat("waits for workers: %d free of at least %d needed", idle, job.min_workers());
  if (connected == 0) {
    absl::StrAppend(&reason, "; none is connected");
  } else {
    absl::StrAppend(&reason, "; ", connected, " connected");
  }
  if (job.checkpoint() != nullptr) {
    absl::StrAppend(&reason, "; its latest checkpoint is of step ", job.checkpoint()->step);
  }
  Become(job, job.record.state, reason);
}

void Core::AddIdle(const Job& job, std::vector<SessionId>& members) const {
  for (const SessionId idle : pool_.Idle(job.record.numerics)) {
    if (members.size() < job.max_workers()) members.push_back(idle);
  }
}

void Core::Recruit(Job& job) {
  if (job.group->phase() != Group::Phase::kRunning || job.group->size() >= job.max_workers())
    return;
  if (job.group->planned() == job.steps()) return;  // Nothing left to share.
  if (pool_.Idle(job.record.numerics).empty()) return;
  effects_.log.push_back(absl::StrCat(
      "job ", job.record.job_id, ": a worker is free; the group will re-form at a step boundary"));
  job.group->Drain();
}

// ---- Groups

void Core::FormGroup(Job& job, std::vector<SessionId> members) {
  const std::string& job_id = job.record.job_id;
  ++job.record.generation;
  job.record.members.clear();
  for (const SessionId member : members) {
    Worker* worker = pool_.Find(member);
    worker->job_id = job_id;
    job.record.members.push_back(worker->info.worker_id);
  }
  effects_.workers_changed = true;
  effects_.log.push_back(absl::StrFormat("job %s: generation %d, %d workers", job_id,
                                         job.record.generation, members.size()));
  std::vector<const WorkerConnected*> workers;
  for (const SessionId member : members) workers.push_back(&pool_.Find(member)->info);
  const v1::Reducer reducer = ChooseReducer(job.record.spec.workers().reducer(), workers);
  job.group.emplace(job.record.generation, std::move(members), reducer);
  Save(job);
  const Group& group = *job.group;
  for (uint32_t rank = 0; rank < group.size(); ++rank) {
    Send(group.members()[rank],
         SendJoinGroup{job_id, job.record.generation, rank, group.size(), reducer});
  }
}

void Core::StartGroup(Job& job) {
  const StartPoint start = job.group->Start(job.ResumePoint());
  // The member that was to store it may have died before it did.
  const bool checkpoint_missing = start.source == StartPoint::Source::kMember &&
                                  start.step > job.first_step() && job.CheckpointAt(start.step) &&
                                  job.checkpoint(start.step) == nullptr;
  effects_.log.push_back(absl::StrFormat("job %s: generation %d starts after step %d",
                                         job.record.job_id, job.group->generation(), start.step));
  const Group& group = *job.group;
  const auto endpoints = group.endpoints();
  for (uint32_t rank = 0; rank < group.size(); ++rank) {
    Send(group.members()[rank],
         SendStartGroup{job.record.job_id, group.generation(), rank, group.size(), start,
                        checkpoint_missing, group.reducer(), endpoints});
  }
  effects_.workers_changed = true;  // They were joining.
  Become(job, v1::RUNNING, "");
  GiveOutPlans(job);
}

void Core::GiveOutPlans(Job& job) {
  uint64_t window = options_.min_window;
  if (job.step_seconds > 0) {
    const double steps = std::ceil(absl::ToDoubleSeconds(options_.window) / job.step_seconds);
    window = std::clamp(static_cast<uint64_t>(std::min(steps, 1e6)), options_.min_window,
                        options_.max_window);
  }
  const Group& group = *job.group;
  const std::vector<uint64_t> steps = job.group->PlanSteps(window, job.steps());
  if (steps.empty()) return;
  const auto dealt = Deal(job.shards(), std::vector<Pace>(group.size()));
  for (const uint64_t step : steps) {
    for (uint32_t rank = 0; rank < group.size(); ++rank) {
      Send(group.members()[rank],
           SendStepPlan{job.record.job_id, group.generation(), step, dealt[rank],
                        job.CheckpointAt(step), job.DigestAt(step)});
    }
  }
}

void Core::Dissolve(Job& job) {
  for (const SessionId member : job.group->members()) {
    Worker* worker = pool_.Find(member);
    if (worker == nullptr) continue;
    worker->job_id.clear();
    Send(member, SendLeaveGroup{job.record.job_id, job.group->generation()});
  }
  job.group.reset();
  effects_.workers_changed = true;
}

}  // namespace outerloop::coordinator
