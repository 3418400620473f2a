// A group from its forming to its end.
#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"
#include "coordinator/core/dealing.h"
#include "coordinator/core/reducer_choice.h"
#include "coordinator/core/speed.h"

namespace outerloop::coordinator {

void Core::FormGroup(Job& job, std::vector<SessionId> members) {
  const std::string& job_id = job.record.job_id;
  const v1::Reducer reducer = ReducerOf(job, members);
  Group group(job.record.generation + 1, std::move(members), reducer);
  for (const SessionId member :
       job.group.has_value() ? job.group->members() : std::vector<SessionId>()) {
    Worker* worker = pool_.Find(member);
    if (worker == nullptr || worker->job_id != job_id || group.Has(member)) continue;
    pool_.Release(*worker);
    Send(member, SendLeaveGroup{job_id, job.group->generation()});
  }
  job.record.generation = group.generation();
  const std::vector<std::string> before = std::exchange(job.record.members, {});
  for (const SessionId member : group.members()) {
    Worker* worker = pool_.Find(member);
    pool_.AssignJob(*worker, job_id);
    worker->health.Ask(now_);
    job.record.members.push_back(worker->info.worker_id);
    if (!Rounds(worker->info.numerics, job.record.numerics)) job.record.reproducible = false;
  }
  job.group = std::move(group);
  job.stirred = now_;
  job.reform.reset();
  attention_ = true;
  effects_.workers_changed = true;
  Log(absl::StrFormat("job %s: generation %d, %d workers", job_id, job.record.generation,
                      job.group->size()));
  Save(job);
  TellGroup(job, before);
  for (uint32_t rank = 0; rank < job.group->size(); ++rank) {
    Send(job.group->members()[rank], SendJoinGroup{job_id, job.record.generation, rank,
                                                   job.group->size(), job.group->reducer()});
  }
}

v1::Reducer Core::ReducerOf(const Job& job, const std::vector<SessionId>& members) const {
  std::vector<const WorkerConnected*> workers;
  for (const SessionId member : members) workers.push_back(&pool_.Find(member)->info);
  return ChooseReducer(job.reducer(), workers);
}

void Core::On(const MemberReady& event) {
  Job* job = MemberJob(event.session, event.job_id, event.generation);
  if (job == nullptr) return;
  job->stirred = now_;
  if (job->group->MarkReady(event.session, event.held_step, event.endpoint)) StartGroup(*job);
}

void Core::StartGroup(Job& job) {
  const StartPoint start = job.group->Start(job.ResumePoint());
  // The member that was to store it may have died before it did.
  const bool checkpoint_missing = start.source == StartPoint::Source::kMember &&
                                  start.step > job.first_step() && job.GetsCheckpoint(start.step) &&
                                  job.checkpoint(start.step) == nullptr;
  Log(absl::StrFormat("job %s: generation %d starts after step %d", job.record.job_id,
                      job.group->generation(), start.step));
  const Group& group = *job.group;
  const auto endpoints = group.endpoints();
  for (uint32_t rank = 0; rank < group.size(); ++rank) {
    Send(group.members()[rank],
         SendStartGroup{job.record.job_id, group.generation(), rank, group.size(), start,
                        checkpoint_missing, group.reducer(), endpoints});
  }
  attention_ = true;
  effects_.workers_changed = true;  // They were joining.
  Become(job, v1::RUNNING, RunningReason(job));
  BringToStop(job);
  AdvanceGroup(job);
}

void Core::GiveOutPlans(Job& job) {
  uint64_t window = options_.min_window;
  if (const double seconds = job.times.mean_seconds(); seconds > 0) {
    const double steps = std::ceil(absl::ToDoubleSeconds(options_.window) / seconds);
    window = std::clamp(static_cast<uint64_t>(std::min(steps, 1e6)), options_.min_window,
                        options_.max_window);
  }
  const Group& group = *job.group;
  const std::vector<uint64_t> steps = job.group->PlanSteps(window, job.last_step());
  if (steps.empty()) return;
  if (job.HoldsAfter(steps.back())) job.group->DrainAfter(steps.back());
  std::vector<const Speed*> speeds;
  for (const SessionId member : group.members()) speeds.push_back(&pool_.Find(member)->speed);
  const auto dealt = Deal(job.shards(), ToPaces(speeds, job.record.job_id, now_));
  std::vector<uint32_t> counts;
  for (const auto& shards : dealt) counts.push_back(static_cast<uint32_t>(shards.size()));
  job.group->NoteDealt(steps, std::move(counts));
  for (const uint64_t step : steps) {
    const bool extra = job.stops() && group.EndsAfter(step) && !job.CheckpointAt(step);
    if (extra) job.group->NoteExtraCheckpoint(step);
    for (uint32_t rank = 0; rank < group.size(); ++rank) {
      Send(group.members()[rank],
           SendStepPlan{job.record.job_id, group.generation(), step, dealt[rank],
                        job.CheckpointAt(step) || extra, job.DigestAt(step) || extra});
    }
  }
}

void Core::AdvanceGroup(Job& job) {
  if (job.group->drained()) return EndDrained(job);
  GiveOutPlans(job);
}

void Core::Dissolve(Job& job) {
  for (const SessionId member : job.group->members()) {
    Worker* worker = pool_.Find(member);
    if (worker == nullptr) continue;
    pool_.Release(*worker);
    Send(member, SendLeaveGroup{job.record.job_id, job.group->generation()});
  }
  job.group.reset();
  job.reform.reset();
  attention_ = true;
  effects_.workers_changed = true;
}

}  // namespace outerloop::coordinator
