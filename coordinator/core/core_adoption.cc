// Groups that train on while the coordinator is away, and are taken up when it is back.
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {

void Core::Await(Job& job) {
  job.grace_end = now_ + options_.grace;
  for (const std::string& worker_id : job.record.members) {
    awaited_[worker_id] = job.record.job_id;
  }
  job.broke = now_;
  Tell(job, v1::JobEvent::COORDINATOR_RESTARTED, "");
  Become(job, v1::RECOVERING, "the coordinator was restarted; waits for its workers");
}

bool Core::IsAwaited(const Held& held) {
  const Job* job = FindUnfinished(held.job_id);
  return job != nullptr && job->grace_end != absl::InfinitePast() &&
         job->record.generation == held.generation;
}

void Core::EndGrace(Job& job) {
  if (job.grace_end == absl::InfinitePast()) return;
  job.grace_end = absl::InfinitePast();
  std::erase_if(awaited_, [&](const auto& entry) { return entry.second == job.record.job_id; });
  attention_ = true;
  if (job.group.has_value()) return;
  for (const std::string& worker_id : job.record.members) {
    const std::optional<SessionId> session = pool_.SessionOf(worker_id);
    if (!session.has_value()) continue;
    const std::optional<Held>& held = pool_.Find(*session)->info.held;
    if (held.has_value() && held->job_id == job.record.job_id && held->generation != 0) {
      Send(*session, SendLeaveGroup{job.record.job_id, held->generation});
    }
  }
  if (!job.wants_group()) return;
  effects_.recoveries.push_back(RecoveryCause::kCoordinator);
  TellLoss(job, RecoveryCause::kCoordinator, "its last group was not whole again", /*lost=*/0);
}

bool Core::Adopt(Job& job) {
  std::optional<Group> group = HeldGroup(job);
  if (!group.has_value()) return false;
  if (const Dispute dispute = CompareHeld(job, *group); dispute.disagree()) {
    Fail(job, dispute);
    return false;
  }
  for (const SessionId member : group->members()) {
    Worker& worker = *pool_.Find(member);
    pool_.AssignJob(worker, job.record.job_id);
    worker.proven_job = job.record.job_id;
    if (worker.leaving) group->Drain();
  }
  job.group = std::move(group);
  job.stirred = now_;
  EndGrace(job);
  ++effects_.adoptions;
  effects_.workers_changed = true;
  Log(absl::StrFormat("job %s: all %d workers of generation %d are back; it goes on",
                      job.record.job_id, job.group->size(), job.group->generation()));
  job.broke.reset();
  Tell(job, v1::JobEvent::ADOPTED, absl::StrCat("all ", job.group->size(), " workers are back"));
  Become(job, v1::RUNNING, RunningReason(job));
  BringToStop(job);
  AdvanceGroup(job);
  return true;
}

std::optional<Group> Core::HeldGroup(const Job& job) {
  std::vector<SessionId> members;
  std::vector<uint64_t> done;
  std::set<uint64_t> planned;
  for (const std::string& worker_id : job.record.members) {
    const SessionId session = *pool_.SessionOf(worker_id);
    const Worker& worker = *pool_.Find(session);
    const std::optional<Held>& held = worker.info.held;
    const bool goes_on = worker.idle() && held.has_value() && held->job_id == job.record.job_id &&
                         held->generation == job.record.generation &&
                         held->step <= held->planned_step && held->planned_step <= job.steps();
    if (!goes_on) return std::nullopt;
    members.push_back(session);
    done.push_back(held->step);
    planned.insert(held->planned_step);
  }
  // With plans that only some have, those who lack them could not go on.
  if (planned.size() != 1) return std::nullopt;
  const v1::Reducer reducer = ReducerOf(job, members);
  return Group::Adopt(job.record.generation, std::move(members), reducer, done, *planned.begin());
}

Dispute Core::CompareHeld(const Job& job, const Group& group) const {
  std::map<uint64_t, Dispute> disputes;
  for (const SessionId member : group.members()) {
    const WorkerConnected& worker = pool_.Find(member)->info;
    if (worker.held->parameters_sha256.empty()) continue;
    Dispute& dispute = disputes[worker.held->step];
    dispute.step = worker.held->step;
    dispute.workers[worker.held->parameters_sha256].push_back(worker.worker_id);
  }
  for (const auto& [step, dispute] : disputes) {
    if (dispute.disagree()) return dispute;
  }
  return {};
}

void Core::FollowHeld(Job& job, Worker& worker, const StepFinished& event) {
  std::optional<Held>& held = worker.info.held;
  if (!held.has_value() || held->job_id != event.job_id) return;
  if (held->generation != event.generation || event.metrics.step() != held->step + 1) return;
  held->step = event.metrics.step();
  held->parameters_sha256 = event.parameters_sha256;
}

}  // namespace outerloop::coordinator
