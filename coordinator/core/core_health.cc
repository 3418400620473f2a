// Whether workers live and get on, from what is heard of them.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {
namespace {

// Whether a worker in this phase waits for others: its standing still is not its own fault.
bool WaitsForOthers(v1::Heartbeat::Phase phase) {
  switch (phase) {
    case v1::Heartbeat::PHASE_UNSPECIFIED:
    case v1::Heartbeat::IDLE:
    case v1::Heartbeat::TRANSFER:
    case v1::Heartbeat::REDUCE:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Core::On(const HeartbeatReceived& event) {
  Worker* worker = pool_.Find(event.session);
  if (worker == nullptr) return;
  worker->health.Beat(event, now_);
  if (worker->late && event.phase == v1::Heartbeat::IDLE) {
    worker->late = false;
    busy_.erase(worker->info.worker_id);
    attention_ = true;
  }
}

void Core::On(const Tick&) {
  const bool was_held_up = now_ - last_tick_ > options_.longest_tick;
  last_tick_ = now_;
  if (was_held_up) {
    for (auto& [session, worker] : pool_.workers()) worker.health.Excuse(now_);
    for (Job* job : Unfinished()) job->stirred = now_;
  }
  EndLeases();
  EndPauses();
  CloseStuckWorkers();
  for (Job* job : Unfinished()) {
    if (job->ended()) continue;
    if (job->grace_end != absl::InfinitePast() && now_ >= job->grace_end) attention_ = true;
    if (job->group.has_value()) CheckGroup(*job);
  }
}

// ---- Workers

void Core::EndLeases() {
  std::vector<SessionId> silent;
  for (const auto& [session, worker] : pool_.workers()) {
    if (now_ - worker.health.heard() >= options_.lease) silent.push_back(session);
  }
  for (const SessionId session : silent) {
    const std::string why =
        absl::StrCat("nothing was heard from worker ", pool_.Find(session)->info.worker_id, " for ",
                     absl::FormatDuration(options_.lease), "; it counts as lost");
    Log(why);
    CloseWorker(session, RecoveryCause::kLease, absl::DeadlineExceededError(why));
  }
}

void Core::EndPauses() {
  for (auto& [session, worker] : pool_.workers()) {
    if (!worker.set_aside || now_ < probation_.Until(worker.label)) continue;
    worker.set_aside = false;
    attention_ = true;
    effects_.workers_changed = true;
  }
}

void Core::CloseStuckWorkers() {
  std::vector<SessionId> stuck;
  for (const auto& [session, worker] : pool_.workers()) {
    if (IsStuck(worker)) stuck.push_back(session);
  }
  for (const SessionId session : stuck) {
    const Worker& worker = *pool_.Find(session);
    const std::string why =
        absl::StrFormat("worker %s got nothing done for %s (%s)", worker.info.worker_id,
                        absl::FormatDuration(now_ - worker.health.progressed()),
                        v1::Heartbeat::Phase_Name(worker.health.phase()));
    Log(why);
    busy_.insert(worker.info.worker_id);
    CloseWorker(session, RecoveryCause::kStuck, absl::AbortedError(why));
  }
}

bool Core::IsStuck(const Worker& worker) {
  const Health& health = worker.health;
  if (worker.idle()) return false;
  const absl::Duration still = now_ - health.progressed();
  if (still < options_.stuck) return false;  // Nearly always.
  const Job* job = FindUnfinished(worker.job_id);
  if (job == nullptr || !job->group.has_value()) {
    // It is to evaluate, and may still be busy with what it was to do before.
    return still >= options_.stuck_at_first;
  }
  // Who waits for a disk is not stuck as long as it tries: each try is progress.
  if (health.phase() == v1::Heartbeat::CHECKPOINT) return still >= options_.stuck_at_first;
  if (!job->group->HasWork(worker.info.session)) return false;
  // A member that is told to join another group has nobody to wait for any more, whatever it does.
  const bool waits =
      job->group->phase() != Group::Phase::kForming && WaitsForOthers(health.phase());
  return !waits && still >= StuckAfter(*job, worker.proven_job == worker.job_id);
}

absl::Duration Core::StuckAfter(const Job& job, bool proven) const {
  return std::max(proven ? options_.stuck : options_.stuck_at_first,
                  options_.stuck_steps * job.times.median());
}

// ---- Groups

void Core::CheckGroup(Job& job) {
  if (job.reform.has_value()) {
    if (now_ < job.reform->at) return;
    const Job::Reform reform = *job.reform;
    return Reform(job, reform.cause, reform.reason);
  }
  if (Worker* late = FindLate(job)) return ReformWithout(job, *late);
  const std::optional<absl::Time> moved = LastMove(job);
  // Forming a group, and storing the last checkpoint, take longer than a step.
  const bool proven = job.group->phase() != Group::Phase::kForming && !job.group->idle() &&
                      job.times.mean_seconds() > 0;
  if (!moved.has_value() || now_ - *moved < StuckAfter(job, proven)) return;
  if (job.group->phase() == Group::Phase::kDisputed) {
    for (const SessionId member : job.group->members()) job.group->MarkGone(member);
    return SettleDispute(job);
  }
  Reform(job, RecoveryCause::kStuck, "all of its workers wait for each other");
}

void Core::ReformWithout(Job& job, Worker& late) {
  const SessionId session = late.info.session;
  const absl::Duration taken = now_ - late.health.phase_since();
  const uint32_t shards = job.group->DealtTo(session, late.health.step()).value_or(0);
  late.speed.Lower(job.record.job_id, shards, absl::ToDoubleSeconds(taken), now_);
  // It stays out until it is done with what others do in its place, if it can be spared.
  late.late = job.group->size() > job.min_workers();
  if (late.late) busy_.insert(late.info.worker_id);
  Reform(job, RecoveryCause::kLate,
         absl::StrCat("all others wait for worker ", late.info.worker_id), late.late ? session : 0);
}

std::optional<absl::Time> Core::LastMove(const Job& job) const {
  const Group& group = *job.group;
  const bool waits_for_result =
      !job.trained() && (group.finished() == job.steps() || (job.stops() && group.drained()));
  const bool forming = group.phase() == Group::Phase::kForming;
  if (!forming && group.idle() && !waits_for_result) return std::nullopt;
  absl::Time moved = job.stirred;
  if (now_ - moved < options_.stuck) return moved;  // Nearly always.
  for (const SessionId member : group.members()) {
    const Health& health = pool_.Find(member)->health;
    const bool unclear = health.phase() == v1::Heartbeat::PHASE_UNSPECIFIED ||
                         health.phase() == v1::Heartbeat::CHECKPOINT;
    if (unclear) return std::nullopt;
    moved = std::max(moved, health.progressed());
  }
  return moved;
}

Worker* Core::FindLate(const Job& job) {
  const Group& group = *job.group;
  const bool trains =
      group.phase() == Group::Phase::kRunning || group.phase() == Group::Phase::kDraining;
  if (!trains || group.size() < 2 || group.idle()) return nullptr;
  if (now_ - job.stirred < options_.late) return nullptr;  // Nearly always.
  const uint64_t step = group.finished() + 1;
  Worker* last = nullptr;
  for (const SessionId member : group.members()) {
    Worker* worker = pool_.Find(member);
    const Health& health = worker->health;
    if (health.step() != step) return nullptr;
    if (health.phase() == v1::Heartbeat::REDUCE) continue;
    if (health.phase() != v1::Heartbeat::ADAPT || last != nullptr) return nullptr;
    last = worker;
  }
  if (last == nullptr) return nullptr;
  const uint32_t shards = group.DealtTo(last->info.session, step).value_or(0);
  const auto promise = last->speed.Promise(job.record.job_id, shards, now_);
  const absl::Duration taken = now_ - last->health.phase_since();
  const bool late = shards > 0 && promise.has_value() && taken >= options_.late &&
                    taken >= options_.late_factor * absl::Seconds(*promise);
  return late ? last : nullptr;
}

}  // namespace outerloop::coordinator
