// From a group that cannot go on to the next.
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {

void Core::On(const MemberFailed& event) {
  Job* job = MemberJob(event.session, event.job_id, event.generation);
  if (job == nullptr) return;
  Worker& worker = *pool_.Find(event.session);
  const std::string reason = absl::StrCat("worker ", worker.info.worker_id, ": ", event.reason);
  switch (event.cause) {
    case v1::GroupFailed::WORKER:
      CountFailure(worker, event.reason);
      if (job->group->phase() == Group::Phase::kDisputed) {
        return LoseMember(*job, event.session, RecoveryCause::kWorker, reason);
      }
      return Reform(*job, RecoveryCause::kWorker, reason, /*without=*/event.session);
    case v1::GroupFailed::PEERS:
      return Break(*job, event.session, RecoveryCause::kPeers, reason);
    case v1::GroupFailed::UNREACHABLE:
      job->reducer_fallback = true;
      return Break(*job, event.session, RecoveryCause::kUnreachable, reason);
    default:
      return End(*job, v1::FAILED, reason);
  }
}

void Core::Break(Job& job, SessionId member, RecoveryCause cause, const std::string& reason) {
  if (job.group->phase() == Group::Phase::kDisputed) {
    job.group->MarkGone(member);
    return SettleDispute(job);
  }
  if (job.reform.has_value()) return;
  job.group->Break();
  if (!job.broke.has_value()) job.broke = now_;
  job.reform = Job::Reform{now_ + options_.reform_delay, cause, reason};
  Log(absl::StrCat("job ", job.record.job_id, ": ", reason, "; its group will re-form"));
}

void Core::LoseMember(Job& job, SessionId session, RecoveryCause cause, const std::string& reason) {
  if (job.trained()) {  // It was wanted for nothing any more.
    Dissolve(job);
    return CompleteTraining(job);
  }
  if (job.group->phase() == Group::Phase::kDisputed) {
    job.group->MarkGone(session);
    return SettleDispute(job);
  }
  Reform(job, cause, reason, /*without=*/session);
}

void Core::Reform(Job& job, RecoveryCause cause, const std::string& reason, SessionId without) {
  effects_.recoveries.push_back(cause);
  if (!job.broke.has_value()) job.broke = now_;
  TellLoss(job, cause, reason, without);
  const bool for_want_of_peers = cause == RecoveryCause::kPeers || cause == RecoveryCause::kStuck;
  if (for_want_of_peers && without == 0 && ++job.fruitless >= options_.fruitless_limit) {
    job.reducer_fallback = true;
  }
  Become(job, v1::RECOVERING, reason);
  Regroup(job, without);
}

std::vector<SessionId> Core::Survivors(const Job& job, SessionId without) const {
  std::vector<SessionId> survivors;
  for (const SessionId member : job.group->members()) {
    const Worker* worker = pool_.Find(member);
    const bool stays = worker != nullptr && worker->job_id == job.record.job_id &&
                       !worker->leaving && member != without;
    if (stays) survivors.push_back(member);
  }
  return survivors;
}

void Core::Regroup(Job& job, SessionId without) {
  if (job.trained()) {  // By members of an earlier group.
    Dissolve(job);
    return CompleteTraining(job);
  }
  std::vector<SessionId> members = Survivors(job, without);
  if (!job.stops()) FitToShare(job, members);
  if (!members.empty() && members.size() >= job.min_workers()) {
    return FormGroup(job, std::move(members));
  }
  Dissolve(job);
}

}  // namespace outerloop::coordinator
