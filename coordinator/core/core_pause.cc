// Jobs that stand still for a while.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {

void Core::On(const PauseRequested& event) {
  Job* job = FindUnfinished(event.job_id);
  if (job == nullptr) return;
  JobRecord& record = job->record;
  record.requests.push_back(event.request_id);
  if (job->paused() || record.pausing) return Save(*job);
  Log(absl::StrCat("job ", event.job_id, " is to pause"));
  Tell(*job, v1::JobEvent::PAUSE_REQUESTED, "");
  if (job->trained() && !job->group.has_value()) {
    return Pause(*job, "paused before it is evaluated");
  }
  record.pausing = true;
  if (record.state == v1::RUNNING) record.reason = RunningReason(*job);
  Save(*job);
  attention_ = true;
  if (!job->group.has_value()) return;
  BringToStop(*job);
  if (job->group.has_value()) AdvanceGroup(*job);
}

void Core::On(const PauseEnded& event) {
  Job* job = FindUnfinished(event.job_id);
  if (job == nullptr) return;
  JobRecord& record = job->record;
  record.requests.push_back(event.request_id);
  record.pausing = false;
  attention_ = true;
  Log(absl::StrCat("job ", event.job_id, " goes on"));
  if (job->paused() && job->trained()) {
    Become(*job, v1::RUNNING, "is being evaluated");
    return ConcludeIfEvaluated(*job);
  }
  if (job->paused()) {
    return Become(*job, v1::QUEUED, absl::StrCat("resumed after step ", record.step));
  }
  if (record.state == v1::RUNNING) record.reason = RunningReason(*job);
  Save(*job);
  Tell(*job, v1::JobEvent::RESUMED, "before it had come to stand");
  // A group that was to end does so all the same, and the next one forms.
  if (job->group.has_value() && job->group->drained()) EndDrained(*job);
}

void Core::On(const ReleaseRequested& event) {
  Job* job = FindUnfinished(event.job_id);
  if (job == nullptr || !job->paused()) return;
  job->record.requests.push_back(event.request_id);
  job->record.hold_step = event.hold_step;
  attention_ = true;
  Become(*job, v1::QUEUED, absl::StrCat("goes on after step ", job->record.step));
}

void Core::BringToStop(Job& job) {
  if (!job.stops()) return;
  Group& group = *job.group;
  if (group.phase() == Group::Phase::kForming && job.IsKept(job.record.step)) return Stop(job);
  // What is on record is not to be computed again. A step that has no checkpoint, and is to get
  // none, was given out without: the next one gets it.
  uint64_t last = std::max(group.planned(), job.record.step);
  const bool gets_checkpoint = job.IsKept(last) || job.GetsCheckpoint(last);
  if (last == group.planned() && !gets_checkpoint) ++last;
  group.DrainAfter(last);
}

void Core::EndDrained(Job& job) {
  if (!job.stops()) return Regroup(job);
  if (job.IsKept(job.group->finished())) Stop(job);
}

void Core::Stop(Job& job) {
  const bool forming = job.group->phase() == Group::Phase::kForming;
  const uint64_t step = forming ? job.record.step : job.group->finished();
  Dissolve(job);
  job.preempted = false;
  if (job.HoldsAfter(step)) return Pause(job, absl::StrCat("is held after step ", step));
  if (job.record.pausing) return Pause(job, absl::StrCat("paused after step ", step));
  Become(job, v1::QUEUED, absl::StrCat(job.gave_way, " after step ", step));
}

void Core::Pause(Job& job, const std::string& reason) {
  job.record.pausing = false;
  Become(job, v1::PAUSED, reason);
}

std::string Core::RunningReason(const Job& job) {
  return job.record.pausing ? "is to pause after its next checkpoint" : "";
}

}  // namespace outerloop::coordinator
