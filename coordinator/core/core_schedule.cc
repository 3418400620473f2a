// Who works on what.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"
#include "coordinator/core/reducer_choice.h"

namespace outerloop::coordinator {
namespace {

bool IsDraining(const Job& job) {
  return job.group.has_value() && job.group->phase() == Group::Phase::kDraining;
}

}  // namespace

void Core::Schedule() {
  ScheduleEvaluations();
  for (Job& job : jobs_) {
    if (job.wants_group()) ScheduleJob(job);
  }
  Recruit();
}

void Core::ScheduleJob(Job& job) {
  if (job.grace_end != absl::InfinitePast()) {
    const bool whole = pool_.HasAll(job.record.members);
    if (!whole && now_ < job.grace_end) return;
    if (whole && Adopt(job)) return;
    if (job.ended()) return;
    EndGrace(job);
  }
  std::vector<SessionId> free = Free(job);
  const v1::Numerics known = job.record.numerics;
  if (known.device().empty() && !free.empty()) {
    // The first worker decides; the others must round as it does.
    job.record.numerics = pool_.Find(free.front())->info.numerics;
    free = Free(job);
  }
  if (free.empty() || free.size() < job.min_workers()) {
    job.record.numerics = known;
    return WaitFor(job, free.size());
  }
  if (free.size() > job.max_workers()) free.resize(job.max_workers());
  Become(job, job.record.state == v1::QUEUED ? v1::STARTING : v1::RECOVERING,
         "its group is forming");
  FormGroup(job, std::move(free));
}

std::vector<SessionId> Core::Free(const Job& job) const {
  const v1::Workers& wanted = job.record.spec.workers();
  std::vector<SessionId> free;
  for (const SessionId session : pool_.idle()) {
    const Worker& worker = *pool_.Find(session);
    const bool fits =
        (wanted.mixed_numerics() || Rounds(worker.info.numerics, job.record.numerics)) &&
        CanReduce(worker.info, job.reducer());
    if (fits && IsAvailable(worker, &job)) free.push_back(session);
  }
  return free;
}

void Core::WaitFor(Job& job, size_t free) {
  const size_t connected = pool_.workers().size();
  std::string reason =
      absl::StrFormat("waits for workers: %d free of at least %d needed", free, job.min_workers());
  if (connected == 0) {
    absl::StrAppend(&reason, "; none is connected");
  } else {
    absl::StrAppend(&reason, "; ", connected, " connected");
  }
  for (const SessionId session : pool_.idle()) {
    const Worker& worker = *pool_.Find(session);
    if (!worker.set_aside) continue;
    absl::StrAppend(&reason, "; worker ", worker.info.worker_id, " is set aside: it ",
                    probation_.Why(worker.label));
    break;
  }
  if (job.checkpoint() != nullptr) {
    absl::StrAppend(&reason, "; its latest checkpoint is of step ", job.checkpoint()->step);
  }
  const v1::JobState state = job.record.state == v1::QUEUED ? v1::QUEUED : v1::RECOVERING;
  if (job.record.state != state) return Become(job, state, reason);
  if (job.record.reason == reason) return;
  // Not worth a write: every worker that comes or goes changes the reason of every job that waits.
  job.record.reason = reason;
  effects_.changed_jobs.insert(job.record.job_id);
}

// ---- Workers for groups that run

void Core::Recruit() {
  if (pool_.idle().empty()) return;
  std::vector<Job*> eligible;
  for (Job& job : jobs_) {
    if (job.ended() || !job.group.has_value()) continue;
    const Group& group = *job.group;
    if (group.phase() != Group::Phase::kRunning || group.size() >= job.max_workers()) continue;
    if (group.planned() == job.steps()) continue;  // Nothing left to share.
    eligible.push_back(&job);
  }
  std::stable_sort(eligible.begin(), eligible.end(),
                   [](const Job* a, const Job* b) { return a->group->size() < b->group->size(); });
  // Not more groups are interrupted than there are workers for.
  size_t promised = std::count_if(jobs_.begin(), jobs_.end(), IsDraining);
  for (Job* job : eligible) {
    if (promised >= pool_.idle().size()) return;
    if (Free(*job).size() <= promised) continue;
    Log(absl::StrCat("job ", job->record.job_id,
                     ": a worker is free; the group will re-form at a step boundary"));
    job->group->Drain();
    ++promised;
    if (job->group->idle()) Regroup(*job);
  }
}

void Core::AddFree(const Job& job, std::vector<SessionId>& members) const {
  const std::vector<SessionId> free = Free(job);
  const size_t others = std::count_if(jobs_.begin(), jobs_.end(), [&](const Job& other) {
    return &other != &job && IsDraining(other);
  });
  const size_t share = (free.size() + others) / (others + 1);
  for (size_t i = 0; i < share && members.size() < job.max_workers(); ++i) {
    members.push_back(free[i]);
  }
}

}  // namespace outerloop::coordinator
