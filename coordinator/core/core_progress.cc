// Steps that are done, and what follows from them.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {

void Core::On(const StepFinished& event) {
  Job* job = FindUnfinished(event.job_id);
  Worker* worker = pool_.Find(event.session);
  if (job == nullptr || worker == nullptr) return;
  if (MemberJob(event.session, event.job_id, event.generation) != nullptr) {
    return FinishStep(*job, *worker, event);
  }
  // Of a group that may be adopted, or that has ended. What was computed is true all the same, and
  // nobody may report it again: the next group goes on from there.
  if (event.generation <= job->record.resumed_generation) return;  // Of another run.
  FollowHeld(*job, *worker, event);
  if (event.metrics.step() == job->record.step + 1) {
    Record(*job, worker->info.worker_id, event.metrics, event.parameters_sha256);
  }
}

void Core::FinishStep(Job& job, Worker& worker, const StepFinished& event) {
  const Group::Report report =
      job.group->MarkDone(event.session, event.metrics.step(), event.parameters_sha256);
  if (report == Group::Report::kUnexpected) return;
  const uint32_t per_shard = job.record.spec.training().tasks_per_shard();
  const auto shards = static_cast<uint32_t>((event.tasks + per_shard - 1) / per_shard);
  worker.speed.Measure(job.record.job_id, shards, event.adapt_seconds);
  worker.proven_job = job.record.job_id;
  probation_.Work(worker.label, now_);
  job.stirred = now_;
  job.fruitless = 0;
  if (report == Group::Report::kMismatch) {
    const std::string what =
        absl::StrFormat("worker %s reports digest %s after step %d; others differ",
                        worker.info.worker_id, event.parameters_sha256, event.metrics.step());
    Log(absl::StrCat("job ", job.record.job_id, ": ", what));
    TellOnce(job, v1::JobEvent::DIGEST_DISPUTED, what);
  } else {
    Record(job, worker.info.worker_id, event.metrics, event.parameters_sha256);
  }
  if (job.ended()) return;
  if (job.group->phase() == Group::Phase::kDisputed) return SettleDispute(job);
  CompleteTraining(job);
  if (job.group.has_value()) AdvanceGroup(job);
}

void Core::Record(Job& job, const std::string& worker_id, const v1::StepMetrics& metrics,
                  const std::string& parameters_sha256) {
  JobRecord& record = job.record;
  if (record.reproducible && metrics.step() == record.step && !record.parameters_sha256.empty() &&
      !parameters_sha256.empty() && record.parameters_sha256 != parameters_sha256) {
    ++effects_.digest_mismatches;
    return End(
        job, v1::FAILED,
        absl::StrFormat("step %d was computed again by worker %s with another result: digest "
                        "%s, before %s",
                        record.step, worker_id, parameters_sha256, record.parameters_sha256));
  }
  if (metrics.step() == record.step && record.parameters_sha256.empty()) {
    record.parameters_sha256 = parameters_sha256;
    SaveSoon(record);
    effects_.changed_jobs.insert(record.job_id);
  }
  if (metrics.step() <= record.step) return;  // A replay, or another member's report.
  job.times.Add(metrics.seconds());
  const bool first = record.started == absl::InfinitePast();
  if (first) record.started = now_;
  record.step = metrics.step();
  record.parameters_sha256 = parameters_sha256;
  SaveSoon(StepRecord{record.job_id, metrics});
  AccountLoss(job, metrics);
  SaveSoon(record);
  effects_.changed_jobs.insert(record.job_id);
  TellStep(job, metrics, first);
}

void Core::RecordHeld(const std::string& worker_id, const Held& held) {
  for (const v1::StepMetrics& metrics : held.recent) {
    Job* job = FindUnfinished(held.job_id);
    if (job == nullptr || job->record.resumed_generation != held.resumed_generation) return;
    const bool is_last = metrics.step() == held.step;
    Record(*job, worker_id, metrics, is_last ? held.parameters_sha256 : "");
  }
}

// ---- Digests

void Core::SettleDispute(Job& job) {
  if (!job.group->settled()) return;
  Dispute dispute;
  dispute.step = job.group->disputed_step();
  for (const auto& [digest, ranks] : job.group->digests()) {
    for (const uint32_t rank : ranks) {
      dispute.workers[digest].push_back(job.record.members[rank]);
    }
  }
  Fail(job, dispute);
}

void Core::Fail(Job& job, const Dispute& dispute) {
  ++effects_.digest_mismatches;
  End(job, v1::FAILED, Verdict(dispute));
}

// ---- The end of training

void Core::CompleteTraining(Job& job) {
  if (!job.trained()) return;
  if (job.group.has_value()) {
    const bool forming = job.group->phase() == Group::Phase::kForming;
    if (!forming && job.group->finished() < job.steps()) return;
    Dissolve(job);  // One that forms has nothing left to do.
  }
  EndGrace(job);  // No group is waited for any more.
  // Whoever reported it first may not have taken it.
  if (job.record.parameters_sha256.empty()) {
    job.record.parameters_sha256 = job.checkpoint()->parameters_sha256;
  }
  const auto& specs = job.record.spec.evaluations();
  for (int i = 0; i < specs.size(); ++i) {
    EvaluationRecord evaluation;
    evaluation.evaluation_id = absl::StrCat(job.record.job_id, "-evaluation-", i);
    const auto before = evaluations_.find(evaluation.evaluation_id);
    // One of a run that failed is done again, unless it is of the same parameters.
    if (before != evaluations_.end() && before->second.state != v1::EVALUATION_FAILED &&
        before->second.parameters_sha256 == job.checkpoint()->parameters_sha256) {
      continue;
    }
    evaluation.request_id = evaluation.evaluation_id;
    evaluation.job_id = job.record.job_id;
    evaluation.step = job.checkpoint()->step;
    evaluation.checkpoint_sha256 = job.checkpoint()->sha256;
    evaluation.parameters_sha256 = job.checkpoint()->parameters_sha256;
    evaluation.spec = specs[i];
    evaluation.created = now_;
    effects_.writes.push_back(evaluation);
    AdmitEvaluation(evaluation);
    Tell(job, v1::JobEvent::EVALUATION_BEGUN, evaluation.evaluation_id);
  }
  if (!job.paused()) Become(job, v1::RUNNING, "is being evaluated");
  ConcludeIfEvaluated(job);
  if (job.record.pausing) Pause(job, "paused before it is evaluated");
}

}  // namespace outerloop::coordinator
