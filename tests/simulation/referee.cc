#include "tests/simulation/referee.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace outerloop::simulation {

using coordinator::CheckpointRecord;
using coordinator::EvaluationRecord;
using coordinator::IsFinal;
using coordinator::JobRecord;

void Referee::Check(bool holds, const char* invariant, const std::string& what) const {
  if (!holds) throw Violation(absl::StrCat(invariant, ": ", what));
  ++counts_.checks[invariant];
}

Reference& Referee::ReferenceOf(const std::string& job_id) {
  std::unique_ptr<Reference>& reference = references_[job_id];
  if (reference == nullptr) {
    const JobRecord* job = disk_.FindJob(job_id);
    if (job == nullptr) throw Violation(absl::StrCat("there is no durable job ", job_id));
    reference = MakeReference(job->spec);
  }
  return *reference;
}

std::unique_ptr<Reference> Referee::MakeReference(const v1::JobSpec& spec) {
  Reference* source = spec.has_start_from() ? &ReferenceOf(spec.start_from().job()) : nullptr;
  return std::make_unique<Reference>(spec, source);
}

// ---- Commits

void Referee::Committing(const coordinator::Write& write) {
  std::visit([this](const auto& record) { Committing(record); }, write);
}

void Referee::Committing(const JobRecord& job) {
  const JobRecord* before = disk_.FindJob(job.job_id);
  if (before == nullptr) {
    references_[job.job_id] = MakeReference(job.spec);
    return;
  }
  const bool resumes = IsFinal(before->state) && resumed_.contains(job.job_id);
  Check(resumes || job.step >= before->step, "a job's step never goes back",
        absl::StrFormat("%s from %d to %d", job.job_id, before->step, job.step));
  Check(job.generation >= before->generation, "a generation never goes back",
        absl::StrFormat("%s from %d to %d", job.job_id, before->generation, job.generation));
  Check(resumes || !IsFinal(before->state) || job.state == before->state, "an end is for ever",
        absl::StrFormat("%s from %s to %s", job.job_id, v1::JobState_Name(before->state),
                        v1::JobState_Name(job.state)));
  CheckPause(job);
  CheckHold(*before, job);
  CheckStop(*before, job);
  const auto priority = priorities_.find(job.job_id);
  if (priority != priorities_.end()) {
    Check(job.priority == priority->second, "a priority holds",
          absl::StrFormat("%s has %d instead of %d", job.job_id, job.priority, priority->second));
  }
  if (job.parameters_sha256.empty()) return;
  Check(job.parameters_sha256 ==
            absl::BytesToHexString(ReferenceOf(job.job_id).StateAfter(job.step).Digest()),
        "recorded digests are the fault-free ones", absl::StrCat(job.job_id, "@", job.step));
}

void Referee::CheckPause(const JobRecord& job) {
  const bool stops = job.pausing || job.state == v1::PAUSED;
  const std::string what =
      absl::StrFormat("%s, %s: %s", job.job_id, v1::JobState_Name(job.state), job.reason);
  if (paused_.contains(job.job_id)) {
    Check(stops || IsFinal(job.state), "a pause holds until it is resumed", what);
  }
  if (done_pausing_.contains(job.job_id)) Check(!stops, "a pause that is over is over", what);
}

void Referee::CheckHold(const JobRecord& before, const JobRecord& job) {
  const std::string what = absl::StrFormat("%s at step %d, held at %d, before at %d", job.job_id,
                                           job.step, job.hold_step, before.hold_step);
  const bool may_go_on = released_.contains(job.job_id) || resumed_.contains(job.job_id);
  Check(job.hold_step == before.hold_step || may_go_on, "a hold stands until it is released", what);
  Check(job.hold_step == 0 || job.step <= job.hold_step, "a held job goes no further", what);
}

void Referee::CheckStop(const JobRecord& before, const JobRecord& job) {
  const size_t place = job.reason.rfind("after step ");
  uint64_t step = 0;
  const bool stopped =
      before.state != job.state && (job.state == v1::PAUSED || job.state == v1::QUEUED) &&
      !absl::StartsWith(job.reason, "resumed") && place != std::string::npos &&
      absl::SimpleAtoi(job.reason.substr(place + std::string("after step ").size()), &step);
  if (!stopped) return;
  const std::vector<CheckpointRecord> kept = disk_.Checkpoints(job.job_id);
  const bool is_kept =
      step == job.spec.start_from().step() ||
      std::any_of(kept.begin(), kept.end(),
                  [step](const CheckpointRecord& checkpoint) { return checkpoint.step == step; });
  Check(is_kept && job.step >= step, "a job that stops has a checkpoint of its step",
        absl::StrFormat("%s at step %d: %s", job.job_id, job.step, job.reason));
}

void Referee::Committing(const coordinator::EventRecord& event) {
  Check(event.event.number() == disk_.Events(event.job_id) + 1,
        "a job's events are numbered without gap or repeat",
        absl::StrCat(event.job_id, " event ", event.event.number()));
}

void Referee::Committing(const coordinator::StepRecord& step) {
  const uint64_t number = step.metrics.step();
  Check(step.metrics.loss() == ReferenceOf(step.job_id).MetricsOf(number).loss(),
        "recorded steps are the fault-free ones", absl::StrCat(step.job_id, "@", number));
}

void Referee::Committing(const CheckpointRecord& checkpoint) {
  const TrainingState& state = ReferenceOf(checkpoint.job_id).StateAfter(checkpoint.step);
  const std::string what = absl::StrCat(checkpoint.job_id, "@", checkpoint.step);
  Check(checkpoint.parameters_sha256 == absl::BytesToHexString(state.Digest()) &&
            checkpoint.sha256 == state.FileDigest(),
        "checkpoints are the fault-free ones", what);
  Check(disk_.FindBlob(checkpoint.sha256) != nullptr, "a checkpoint's file is durable first", what);
}

void Referee::Committing(const coordinator::CheckpointDropped& dropped) {
  const std::string what = absl::StrCat(dropped.job_id, "@", dropped.step);
  const std::vector<CheckpointRecord> kept = disk_.Checkpoints(dropped.job_id);
  Check(resumed_.contains(dropped.job_id) || (!kept.empty() && kept.back().step > dropped.step),
        "the latest checkpoint is kept", what);
}

void Referee::Committing(const coordinator::StepsDropped& dropped) {
  Check(resumed_.contains(dropped.job_id), "steps stay on record",
        absl::StrCat(dropped.job_id, " after ", dropped.step));
}

void Referee::Committing(const coordinator::DeletionRecord& deletion) {
  const JobRecord* job = disk_.FindJob(deletion.job_id);
  Check(job != nullptr && IsFinal(job->state), "only jobs that have ended are deleted",
        deletion.job_id);
  CheckEnd(*job);
  deleted_.insert(deletion.job_id);
}

void Referee::Committing(const EvaluationRecord& evaluation) {
  if (evaluation.state != v1::EVALUATION_DONE) return;
  const double mean = ReferenceOf(evaluation.job_id).Score(evaluation.spec, evaluation.step);
  Check(evaluation.results.size() == 1 && std::abs(evaluation.results[0].mean() - mean) < 1e-9,
        "evaluations are the fault-free ones",
        absl::StrFormat("%s: %d results, %g instead of %g", evaluation.evaluation_id,
                        evaluation.results.size(),
                        evaluation.results.empty() ? 0 : evaluation.results[0].mean(), mean));
}

// ---- Messages

void Referee::CheckGeneration(const std::string& job_id, uint64_t generation) {
  const JobRecord* job = disk_.FindJob(job_id);
  const bool is_durable = job != nullptr && job->generation >= generation;
  Check(is_durable || deleted_.contains(job_id), "nothing is told before it is durable",
        absl::StrFormat("generation %d of %s, durable is %d", generation, job_id,
                        job == nullptr ? 0 : job->generation));
}

void Referee::Sending(uint64_t life, coordinator::SessionId to,
                      const v1::CoordinatorMessage& message) {
  switch (message.kind_case()) {
    case v1::CoordinatorMessage::kJoinGroup:
      return CheckGeneration(message.join_group().job_id(), message.join_group().generation());
    case v1::CoordinatorMessage::kStartGroup:
      return SendingStart(message.start_group());
    case v1::CoordinatorMessage::kStepPlan:
      return SendingPlan(life, to, message.step_plan());
    case v1::CoordinatorMessage::kLeaveGroup:
      return CheckGeneration(message.leave_group().job_id(), message.leave_group().generation());
    case v1::CoordinatorMessage::kEvaluateShard:
      return Check(disk_.evaluations().contains(message.evaluate_shard().evaluation_id()),
                   "nothing is told before it is durable",
                   message.evaluate_shard().evaluation_id());
    default:
      return;
  }
}

void Referee::SendingStart(const v1::StartGroup& start) {
  CheckGeneration(start.job_id(), start.generation());
  sizes_[{start.job_id(), start.generation()}] = start.size();
  const v1::Workers& workers = ReferenceOf(start.job_id()).spec().workers();
  Check(start.size() >= workers.min() && (workers.max() == 0 || start.size() <= workers.max()),
        "a group has as many workers as its job allows",
        absl::StrFormat("%s/%d has %d", start.job_id(), start.generation(), start.size()));
  if (!start.has_checkpoint_sha256()) return;
  Check(disk_.FindBlob(start.checkpoint_sha256()) != nullptr,
        "a checkpoint's file is durable first", start.job_id());
}

void Referee::SendingPlan(uint64_t life, coordinator::SessionId to, const v1::StepPlan& plan) {
  CheckGeneration(plan.job_id(), plan.generation());
  const std::string what =
      absl::StrFormat("%s/%d step %d", plan.job_id(), plan.generation(), plan.step());
  const auto key = std::make_pair(life, Step{plan.job_id(), plan.generation(), plan.step()});
  Deal& deal = deals_[key];
  Check(deal.members.insert(to).second, "a step is planned once", what);
  const Reference& reference = ReferenceOf(plan.job_id());
  for (const v1::Shard& shard : plan.shards()) {
    Check(deal.shards.insert(shard.index()).second, "a shard has one owner", what);
    Check(shard.SerializeAsString() ==
              reference.ShardOf(plan.step(), shard.index()).SerializeAsString(),
          "tasks are those of the specification", what);
  }
  const auto size = sizes_.find({plan.job_id(), plan.generation()});
  if (size == sizes_.end() || deal.members.size() < size->second) return;
  Check(deal.shards.size() == reference.shards(), "every shard is dealt", what);
  deals_.erase(key);
}

void Referee::Showing(const v1::Job& job) {
  const JobRecord* durable = disk_.FindJob(job.job_id());
  // What a job waits for changes with every worker that comes or goes, and is not kept.
  const bool waits = job.state() == v1::QUEUED || job.state() == v1::RECOVERING;
  Check(durable != nullptr && durable->state == job.state() &&
            (waits || durable->reason == job.reason()) && durable->step == job.step() &&
            durable->generation == job.generation() &&
            durable->parameters_sha256 == job.parameters_sha256(),
        "nothing is shown before it is durable", job.job_id());
}

void Referee::CheckWorkers(const coordinator::Core& core, uint32_t quota) const {
  for (const coordinator::Job& job : core.jobs()) {
    Check(!job.paused() || !job.group.has_value(), "a paused job has no workers",
          job.record.job_id);
  }
  std::map<std::string, uint32_t> workers;
  for (const v1::WorkerStatus& worker : core.DescribeWorkers()) {
    if (worker.job_id().empty()) continue;
    const std::string& owner = core.FindJob(worker.job_id())->record.spec.queue().owner();
    Check(++workers[owner] <= quota, "no owner has more workers than the quota", owner);
  }
}

void Referee::Deleted(const std::string& job_id) {
  gone_.insert(job_id);
  Check(disk_.FindJob(job_id) == nullptr, "a deleted job is gone", job_id);
}

void Referee::Restored(const std::set<std::string>& jobs) {
  for (const std::string& job_id : gone_) {
    Check(!jobs.contains(job_id), "a deleted job is gone", job_id);
  }
  for (const auto& [request_id, job_id] : submitted_) {
    if (deleted_.contains(job_id)) continue;
    Check(jobs.contains(job_id), "every acknowledged job is there", job_id);
  }
}

// ---- Workers

void Referee::Holding(const std::string& job_id, const TrainingState& state) {
  Check(state == ReferenceOf(job_id).StateAfter(state.step),
        "every member's state is the fault-free one", absl::StrCat(job_id, "@", state.step));
}

void Referee::Computing(const std::string& worker, const v1::StepPlan& plan) {
  auto& owners = owners_[Step{plan.job_id(), plan.generation(), plan.step()}];
  for (const v1::Shard& shard : plan.shards()) {
    const std::string& owner = owners.emplace(shard.index(), worker).first->second;
    Check(owner == worker, "a shard is computed by its owner alone",
          absl::StrFormat("shard %d of %s/%d step %d by %s and %s", shard.index(), plan.job_id(),
                          plan.generation(), plan.step(), owner, worker));
  }
}

// ---- Clients

void Referee::Submitted(const std::string& request_id, const std::string& job_id) {
  const std::string& first = submitted_.emplace(request_id, job_id).first->second;
  Check(first == job_id, "a request makes one job",
        absl::StrCat(request_id, " made ", first, " and ", job_id));
  Check(disk_.FindJob(job_id) != nullptr || deleted_.contains(job_id),
        "every acknowledged job is there", job_id);
}

void Referee::Watching(uint64_t cursor, const v1::WatchJobResponse& response) {
  for (const v1::StepMetrics& step : response.steps()) {
    Check(step.step() == cursor + 1, "a watcher sees no gap and no repeat",
          absl::StrFormat("%s: step %d after %d", response.job().job_id(), step.step(), cursor));
    cursor = step.step();
  }
}

// ---- The end

bool Referee::AllEnded() const {
  for (const auto& [request_id, job_id] : submitted_) {
    if (deleted_.contains(job_id)) continue;
    const JobRecord* job = disk_.FindJob(job_id);
    if (job == nullptr || !IsFinal(job->state)) return false;
  }
  for (const auto& [id, evaluation] : disk_.evaluations()) {
    if (evaluation.state == v1::EVALUATION_PENDING) return false;
  }
  return true;
}

void Referee::CheckEnds() const {
  for (const auto& [request_id, job_id] : submitted_) {
    if (deleted_.contains(job_id)) continue;
    const JobRecord* job = disk_.FindJob(job_id);
    Check(job != nullptr, "every acknowledged job is there", job_id);
    CheckEnd(*job);
  }
  for (const auto& [id, evaluation] : disk_.evaluations()) {
    Check(evaluation.state == v1::EVALUATION_DONE ||
              disk_.FindJob(evaluation.job_id)->state == v1::CANCELLED ||
              resumed_.contains(evaluation.job_id),
          "every evaluation is done", absl::StrCat(id, ": ", evaluation.reason));
  }
}

void Referee::CheckFree(std::vector<std::string> worker_ids,
                        const std::vector<v1::WorkerStatus>& shown) const {
  std::vector<std::string> free;
  for (const v1::WorkerStatus& worker : shown) {
    Check(worker.activity() == "idle", "every worker is free at the end",
          absl::StrCat(worker.worker_id(), " is ", worker.activity()));
    free.push_back(worker.worker_id());
  }
  std::sort(free.begin(), free.end());
  std::sort(worker_ids.begin(), worker_ids.end());
  Check(free == worker_ids, "every worker is there at the end",
        absl::StrCat(absl::StrJoin(free, " "), " instead of ", absl::StrJoin(worker_ids, " ")));
}

void Referee::CheckEnd(const JobRecord& job) const {
  const std::string what = absl::StrFormat("%s is %s at step %d: %s", job.job_id,
                                           v1::JobState_Name(job.state), job.step, job.reason);
  if (cancelled_.contains(job.job_id)) {
    return Check(job.state == v1::CANCELLED, "a cancelled job stays cancelled", what);
  }
  if (job.state == v1::CANCELLED) return;  // Its client got no answer.
  const uint64_t steps = job.spec.training().steps();
  Check(job.state == v1::SUCCEEDED && job.step == steps, "every job succeeds", what);
  Check(job.parameters_sha256 ==
            absl::BytesToHexString(references_.at(job.job_id)->StateAfter(steps).Digest()),
        "every job ends with the fault-free parameters", what);
  const uint64_t own = steps - job.spec.start_from().step();
  Check(disk_.Steps(job.job_id, 0, steps).size() == own, "every step is on record", what);
}

}  // namespace outerloop::simulation
