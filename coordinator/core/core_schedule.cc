// Who works on what.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {
namespace {

// Holders of workers that a job is told of, at most.
constexpr int kMaxHolders = 3;

}  // namespace

void Core::Schedule() {
  for (Job* job : Unfinished()) {
    if (job->wants_group()) TakeUp(*job);
  }
  Division division = Divide();
  DealEvaluations(division);
  std::vector<Claim*> waiting;
  for (Claim& claim : division.claims) {
    if (claim.waits() && claim.run == nullptr) waiting.push_back(&claim);
  }
  // Those that get nothing last: they say what is left.
  std::stable_sort(waiting.begin(), waiting.end(), [](const Claim* a, const Claim* b) {
    const bool a_gets = Total(a->share.workers) > 0, b_gets = Total(b->share.workers) > 0;
    return a_gets != b_gets ? a_gets : a->demand.priority > b->demand.priority;
  });
  for (Claim* claim : waiting) BeginTraining(division, *claim);
  AdjustGroups(division);
}

void Core::TakeUp(Job& job) {
  if (job.grace_end != absl::InfinitePast()) {
    const bool whole = pool_.HasAll(job.record.members);
    if (!whole && now_ < job.grace_end) return;
    if (whole && Adopt(job)) return;
    if (job.ended()) return;
    EndGrace(job);
  }
  const uint64_t step = job.record.step;
  if (!job.IsKept(step)) return;
  if (job.at_hold()) return Pause(job, absl::StrCat("is held after step ", step));
  if (job.record.pausing) Pause(job, absl::StrCat("paused after step ", step));
}

void Core::BeginTraining(Division& division, const Claim& claim) {
  Job& job = *claim.job;
  size_t free = 0;
  for (const auto& choice : claim.demand.choices) {
    free = std::max(free, division.roster.Free(choice));
  }
  // What is there is kept for it, until the rest has been given back by others.
  std::vector<SessionId> members = TakeMissing(division, claim);
  if (members.empty() || members.size() < job.min_workers()) {
    return WaitFor(job, WhyItWaits(division, claim, free));
  }
  if (job.record.numerics.device().empty()) {
    job.record.numerics = pool_.Find(members.front())->info.numerics;
  }
  job.preempted = false;
  job.gave_way.clear();
  Become(job, job.record.state == v1::QUEUED ? v1::STARTING : v1::RECOVERING,
         "its group is forming");
  FormGroup(job, std::move(members));
}

// ---- Jobs that wait

void Core::WaitFor(Job& job, const std::string& reason) {
  if (job.record.pausing) return Pause(job, "paused while it waited for workers");
  TellOnce(job, v1::JobEvent::WAITING, reason);
  const v1::JobState state = job.record.state == v1::QUEUED ? v1::QUEUED : v1::RECOVERING;
  if (job.record.state != state) return Become(job, state, reason);
  if (job.record.reason == reason) return;
  // Not worth a write: every worker that comes or goes changes the reason of every job that waits.
  job.record.reason = reason;
  effects_.changed_jobs.insert(job.record.job_id);
}

std::string Core::WhyItWaits(const Division& division, const Claim& claim, size_t free) const {
  const Job& job = *claim.job;
  std::string reason = job.gave_way.empty() ? "" : absl::StrCat(job.gave_way, "; ");
  if (claim.share.want == Share::Want::kQuota) {
    absl::StrAppendFormat(
        &reason, "waits for the quota: %d for all jobs of %s; it needs %d", options_.worker_quota,
        claim.demand.owner.empty() ? "no owner" : claim.demand.owner, job.min_workers());
  } else {
    absl::StrAppendFormat(&reason, "waits for workers: %d free of at least %d needed", free,
                          job.min_workers());
    const size_t connected = pool_.workers().size();
    absl::StrAppend(&reason, connected == 0 ? "; none is connected"
                                            : absl::StrCat("; ", connected, " connected"));
  }
  absl::StrAppend(&reason, Holders(division, claim));
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
  return reason;
}

std::string Core::Holders(const Division& division, const Claim& waiting) const {
  const bool quota = waiting.share.want == Share::Want::kQuota;
  std::string text;
  int holders = 0;
  for (const Claim& claim : division.claims) {
    const uint32_t has = Total(claim.demand.has);
    if (has == 0 || (quota && claim.demand.owner != waiting.demand.owner)) continue;
    if (++holders > kMaxHolders) continue;
    absl::StrAppend(&text, "; job ", claim.job->record.job_id, " has ", has);
    if (claim.demand.priority != waiting.demand.priority) {
      absl::StrAppend(&text, " (priority ", claim.demand.priority, ")");
    }
  }
  if (holders > kMaxHolders) absl::StrAppend(&text, "; and ", holders - kMaxHolders, " more");
  return text;
}

// ---- Groups

void Core::AdjustGroups(Division& division) {
  std::vector<Job*> ready;
  for (const Claim& claim : division.claims) {
    if (claim.run != nullptr || !claim.job->group.has_value()) continue;
    if (AdjustGroup(division, claim)) ready.push_back(claim.job);
  }
  for (Job* job : ready) {
    if (job->group.has_value()) AdvanceGroup(*job);
  }
}

bool Core::AdjustGroup(Division& division, const Claim& claim) {
  Job& job = *claim.job;
  const uint32_t share = Total(claim.share.workers), has = Total(claim.demand.has);
  if (has < job.min_workers()) return false;  // It ends for that.
  if (share == 0) return GiveWay(division, claim);
  job.preempted = false;
  job.gave_way.clear();
  const std::vector<SessionId> more = TakeMissing(division, claim);
  if (job.group->drained()) return true;  // It was to give way.
  if (job.group->phase() != Group::Phase::kRunning) return false;
  if (share >= has && more.empty()) return false;
  Log(absl::StrCat("job ", job.record.job_id,
                   share < has ? ": others need workers; the group will re-form at a step boundary"
                               : ": a worker is free; the group will re-form at a step boundary"));
  job.group->Drain();
  return true;
}

bool Core::GiveWay(const Division& division, const Claim& claim) {
  Job& job = *claim.job;
  if (std::exchange(job.preempted, true)) return false;
  job.gave_way = "gave way to others";
  for (const Claim& other : division.claims) {
    if (!other.waits() || other.demand.priority <= claim.demand.priority) continue;
    job.gave_way = absl::StrCat("gave way to job ", other.job->record.job_id, " of priority ",
                                other.demand.priority);
    break;
  }
  if (claim.share.want == Share::Want::kQuota) job.gave_way = "has more workers than the quota";
  Log(absl::StrCat("job ", job.record.job_id, " ", job.gave_way, ", after its next checkpoint"));
  BringToStop(job);
  return true;
}

}  // namespace outerloop::coordinator
