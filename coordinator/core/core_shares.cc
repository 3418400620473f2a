// How the workers that there are come to be divided among trainings and evaluations.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/core/core.h"

namespace outerloop::coordinator {
namespace {

// `has` and what is missing in it, kind by kind.
Headcount Lacking(const Headcount& wanted, const Headcount& has) {
  Headcount missing(wanted.size());
  for (size_t kind = 0; kind < wanted.size(); ++kind) {
    missing[kind] = wanted[kind] - std::min(wanted[kind], has[kind]);
  }
  return missing;
}

}  // namespace

Roster Core::CallTheRoll() const {
  Roster roster;
  for (const auto& [session, worker] : pool_.workers()) {
    if (worker.leaving) continue;
    if (!worker.idle()) {
      roster.AddHeld(worker.info, worker.job_id.empty() ? worker.evaluation_id : worker.job_id);
    } else if (IsAvailable(worker)) {
      roster.AddFree(worker.info);
    }
  }
  return roster;
}

std::map<std::string, uint32_t> Core::CountByOwner() const {
  std::map<std::string, uint32_t> held;
  const auto owner_of = [this](const std::string& job_id) -> const std::string& {
    return jobs_by_id_.at(job_id)->record.spec.queue().owner();
  };
  for (const auto& [session, worker] : pool_.workers()) {
    if (!worker.job_id.empty()) {
      ++held[owner_of(worker.job_id)];
    } else if (!worker.evaluation_id.empty()) {
      ++held[owner_of(evaluations_.at(worker.evaluation_id).job_id)];
    }
  }
  for (const auto& [worker_id, job_id] : awaited_) ++held[owner_of(job_id)];
  return held;
}

bool Core::WantsShare(const Job& job) const {
  if (job.grace_end != absl::InfinitePast()) return false;
  return job.wants_group() || (job.group.has_value() && !job.record.pausing);
}

Demand Core::DemandOf(const Job& job, const Roster& roster) const {
  Demand demand;
  demand.owner = job.record.spec.queue().owner();
  demand.priority = job.record.priority;
  demand.min = job.min_workers();
  demand.max = static_cast<uint32_t>(std::min<size_t>(job.max_workers(), UINT32_MAX));
  demand.has = roster.HeldBy(job.record.job_id);
  demand.choices = roster.ChoicesFor(job.record.spec.workers(), job.reducer(), job.record.numerics);
  // Nothing left to share.
  const bool is_ending = job.group.has_value() && job.group->planned() == job.last_step();
  if (is_ending) demand.max = std::clamp(Total(demand.has), demand.min, demand.max);
  return demand;
}

Demand Core::DemandOf(const EvaluationRun& run, const Roster& roster) const {
  const Job& job = *jobs_by_id_.at(run.record().job_id);
  Demand demand;
  demand.owner = job.record.spec.queue().owner();
  demand.priority = job.record.priority;
  demand.has = roster.HeldBy(run.record().evaluation_id);
  demand.max = std::max<uint32_t>(1, Total(demand.has) + run.waiting());
  demand.choices =
      roster.ChoicesFor(job.record.spec.workers(), v1::COORDINATOR, job.record.numerics);
  return demand;
}

Core::Division Core::Divide() {
  Division division{CallTheRoll(), {}, CountByOwner()};
  // By the jobs' numbers.
  std::map<uint64_t, Job*> jobs = unfinished_;
  std::map<uint64_t, std::vector<EvaluationRun*>> runs;
  for (EvaluationRun& run : runs_) {
    if (!IsOpen(run)) continue;
    Job* job = jobs_by_id_.at(run.record().job_id);
    jobs[job->number] = job;
    runs[job->number].push_back(&run);
  }
  std::vector<Demand> demands;
  const auto claim = [&](Job& job, EvaluationRun* run) {
    demands.push_back(run != nullptr ? DemandOf(*run, division.roster)
                                     : DemandOf(job, division.roster));
    division.claims.push_back({&job, run, demands.back(), {}});
  };
  for (const auto& [number, job] : jobs) {
    for (EvaluationRun* run : runs[number]) claim(*job, run);
    if (WantsShare(*job)) claim(*job, nullptr);
  }
  const std::vector<Share> shares = Allocate(demands, division.roster.all(), options_.worker_quota);
  for (size_t i = 0; i < shares.size(); ++i) division.claims[i].share = shares[i];
  return division;
}

std::vector<SessionId> Core::Take(Division& division, const std::string& owner,
                                  const Headcount& wanted) const {
  uint32_t& held = division.held[owner];
  uint32_t room = options_.worker_quota - std::min(options_.worker_quota, held);
  Headcount allowed;
  for (const uint32_t workers : wanted) {
    allowed.push_back(std::min(workers, room));
    room -= allowed.back();
  }
  std::vector<SessionId> taken = division.roster.Take(allowed);
  held += static_cast<uint32_t>(taken.size());
  return taken;
}

std::vector<SessionId> Core::TakeMissing(Division& division, const Claim& claim) const {
  return Take(division, claim.demand.owner, Lacking(claim.share.workers, claim.demand.has));
}

void Core::Reserve(Division& division, const Job* except) const {
  for (const Claim& claim : division.claims) {
    if (claim.waits() && claim.job != except) TakeMissing(division, claim);
  }
}

void Core::FitToShare(const Job& job, std::vector<SessionId>& members) {
  Division division = Divide();
  const auto claim = std::find_if(
      division.claims.begin(), division.claims.end(),
      [&](const Claim& candidate) { return candidate.job == &job && candidate.run == nullptr; });
  // Whoever is to give all of them back does so at a step boundary, with a checkpoint.
  if (claim == division.claims.end() || Total(claim->share.workers) == 0) return;
  Headcount wanted = claim->share.workers;
  std::erase_if(members, [&](SessionId member) {
    uint32_t& left = wanted[division.roster.KindOf(pool_.Find(member)->info)];
    if (left == 0) return true;
    --left;
    return false;
  });
  uint32_t& held = division.held[claim->demand.owner];
  held = held - std::min(held, Total(claim->demand.has)) + static_cast<uint32_t>(members.size());
  Reserve(division, &job);
  const std::vector<SessionId> taken = Take(division, claim->demand.owner, wanted);
  members.insert(members.end(), taken.begin(), taken.end());
}

}  // namespace outerloop::coordinator
