// Evaluations: dealt to workers that are free, shard by shard.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "coordinator/core/core.h"
#include "coordinator/core/summary.h"

namespace outerloop::coordinator {

void Core::On(const EvaluationAdmitted& event) {
  AdmitEvaluation(event.evaluation);
  const auto job = jobs_by_id_.find(event.evaluation.job_id);
  if (job == jobs_by_id_.end()) return;
  Tell(*job->second, v1::JobEvent::EVALUATION_BEGUN, event.evaluation.evaluation_id);
}

void Core::AdmitEvaluation(const EvaluationRecord& evaluation) {
  const auto found = jobs_by_id_.find(evaluation.job_id);
  if (found == jobs_by_id_.end()) return;
  Job& job = *found->second;
  evaluations_[evaluation.evaluation_id] = evaluation;
  if (std::find(job.evaluations.begin(), job.evaluations.end(), evaluation.evaluation_id) ==
      job.evaluations.end()) {
    job.evaluations.push_back(evaluation.evaluation_id);
  }
  attention_ = true;
  effects_.changed_jobs.insert(evaluation.job_id);
  if (evaluation.state != v1::EVALUATION_PENDING) return;
  runs_.emplace_back(evaluation, job.record.spec.training().tasks_per_shard());
}

void Core::DealEvaluations(Division& division) {
  std::map<EvaluationRun*, std::set<SessionId>> fresh;
  for (const Claim& claim : division.claims) {
    if (claim.run == nullptr) continue;
    claim.run->SetShare(Total(claim.share.workers));
    const std::vector<SessionId> taken = TakeMissing(division, claim);
    fresh[claim.run].insert(taken.begin(), taken.end());
  }
  // In rounds, so that a short evaluation spreads over all who are free.
  for (uint32_t ahead = 1; ahead <= options_.shards_ahead; ++ahead) {
    for (EvaluationRun& run : runs_) {
      if (fresh.contains(&run)) DealShards(run, fresh.at(&run), ahead);
    }
  }
}

void Core::DealShards(EvaluationRun& run, const std::set<SessionId>& fresh, uint32_t ahead) {
  const std::string& id = run.record().evaluation_id;
  uint32_t dealt = 0;
  for (auto& [session, worker] : pool_.workers()) {
    if (worker.evaluation_id == id ? worker.leaving : !fresh.contains(session)) continue;
    if (++dealt > run.share()) return;
    if (run.Outstanding(session) >= ahead) continue;
    if (!DealShard(run, worker)) return;
  }
}

bool Core::IsOpen(const EvaluationRun& run) const {
  return !run.record().is_of_specification() || !jobs_by_id_.at(run.record().job_id)->paused();
}

bool Core::DealShard(EvaluationRun& run, Worker& worker) {
  const SessionId session = worker.info.session;
  const std::optional<uint32_t> shard = run.Deal(session);
  if (!shard.has_value()) return false;
  const std::string& id = run.record().evaluation_id;
  if (worker.evaluation_id != id) {
    pool_.AssignEvaluation(worker, id);
    worker.health.Ask(now_);
    effects_.workers_changed = true;
  }
  Send(session, SendEvaluateShard{id, *shard});
  return true;
}

void Core::On(const ShardScored& event) {
  const std::string& id = event.scores.evaluation_id;
  const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const EvaluationRun& candidate) {
    return candidate.record().evaluation_id == id;
  });
  if (run == runs_.end()) return;
  effects_.changed_jobs.insert(run->record().job_id);
  if (!run->Fits(event.scores))
    return FailEvaluation(id, "a worker has sent scores that do not fit");
  run->KeepSamples(event.scores.shard, event.samples);
  const bool complete = run->Gather(event.scores);
  Worker* worker = pool_.Find(event.session);
  if (worker != nullptr && worker->evaluation_id == id) {
    const bool wants_more = !complete && IsOpen(*run) && run->workers() <= run->share() &&
                            !worker->leaving &&
                            run->Outstanding(event.session) < options_.shards_ahead;
    if (wants_more) DealShard(*run, *worker);
    if (run->Outstanding(event.session) == 0) {
      pool_.Release(*worker);
      attention_ = true;
      effects_.workers_changed = true;
    }
  }
  if (complete) FinishEvaluation(id);
}

void Core::On(const ShardFailed& event) { FailEvaluation(event.evaluation_id, event.reason); }

void Core::FinishEvaluation(const std::string& evaluation_id) {
  const EvaluationRun* run = FindRun(evaluation_id);
  EvaluationRecord& evaluation = evaluations_.at(evaluation_id);
  const std::vector<ScoresRecord> scores = run->scores();
  for (const ScoresRecord& shard : scores) effects_.writes.push_back(shard);
  for (const SampleRecord& sample : run->samples()) effects_.writes.push_back(sample);
  evaluation.state = v1::EVALUATION_DONE;
  evaluation.results = Summarise(evaluation.spec, scores);
  CloseEvaluation(evaluation);
}

void Core::FailEvaluation(const std::string& evaluation_id, const std::string& reason) {
  const auto it = evaluations_.find(evaluation_id);
  if (it == evaluations_.end() || it->second.state != v1::EVALUATION_PENDING) return;
  it->second.state = v1::EVALUATION_FAILED;
  it->second.reason = reason;
  CloseEvaluation(it->second);
}

void Core::CloseEvaluation(const EvaluationRecord& evaluation) {
  effects_.writes.push_back(evaluation);
  effects_.changed_jobs.insert(evaluation.job_id);
  effects_.workers_changed = true;
  attention_ = true;
  for (auto& [session, worker] : pool_.workers()) {
    if (worker.evaluation_id == evaluation.evaluation_id) pool_.Release(worker);
  }
  std::erase_if(runs_, [&](const EvaluationRun& run) {
    return run.record().evaluation_id == evaluation.evaluation_id;
  });
  Job& job = *jobs_by_id_.at(evaluation.job_id);
  const bool failed = evaluation.state == v1::EVALUATION_FAILED;
  Tell(job, failed ? v1::JobEvent::EVALUATION_FAILED : v1::JobEvent::EVALUATION_DONE,
       absl::StrCat(evaluation.evaluation_id, failed ? ": " : "", evaluation.reason));
  RetainCheckpoints(job);
  if (!job.ended() && job.trained()) ConcludeIfEvaluated(job);
}

void Core::ConcludeIfEvaluated(Job& job) {
  if (job.paused()) return;  // What was on its way has come; the end waits for the resume.
  for (const std::string& id : job.evaluations) {
    const EvaluationRecord& evaluation = evaluations_.at(id);
    if (!evaluation.is_of_specification()) continue;
    if (evaluation.state == v1::EVALUATION_PENDING) return;
    if (evaluation.state == v1::EVALUATION_FAILED) {
      return End(job, v1::FAILED, absl::StrCat("evaluation ", id, ": ", evaluation.reason));
    }
  }
  End(job, v1::SUCCEEDED, "");
}

}  // namespace outerloop::coordinator
