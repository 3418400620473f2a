// What clients see of the state machine.
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/core/core.h"

namespace outerloop::coordinator {
namespace {

v1::Checkpoint DescribeCheckpoint(const Job& job, const CheckpointRecord& checkpoint) {
  v1::Checkpoint view;
  view.set_step(checkpoint.step);
  view.set_sha256(checkpoint.sha256);
  view.set_size_bytes(checkpoint.size_bytes);
  view.set_parameters_sha256(checkpoint.parameters_sha256);
  SetTimestamp(checkpoint.created, view.mutable_created());
  const auto loss = job.losses.find(checkpoint.step);
  if (loss != job.losses.end()) view.set_loss(loss->second);
  view.set_best(job.best_checkpoint() == &checkpoint);
  return view;
}

}  // namespace

const Job* Core::FindJob(const std::string& id_or_name) const {
  const auto found = jobs_by_id_.find(id_or_name);
  if (found != jobs_by_id_.end()) return found->second;
  const Job* named = nullptr;
  for (const Job& job : jobs_) {
    if (job.record.spec.name() == id_or_name) named = &job;
  }
  return named;
}

const Job* Core::FindJobByRequest(const std::string& request_id) const {
  const auto found = jobs_by_request_.find(request_id);
  return found == jobs_by_request_.end() ? nullptr : found->second;
}

std::vector<const Job*> Core::UnfinishedJobs() const {
  std::vector<const Job*> jobs;
  for (const auto& [number, job] : unfinished_) jobs.push_back(job);
  return jobs;
}

const EvaluationRecord* Core::FindEvaluation(const std::string& evaluation_id) const {
  const auto it = evaluations_.find(evaluation_id);
  return it == evaluations_.end() ? nullptr : &it->second;
}

const EvaluationRecord* Core::FindEvaluationByRequest(const std::string& request_id) const {
  for (const auto& [id, evaluation] : evaluations_) {
    if (evaluation.request_id == request_id) return &evaluation;
  }
  return nullptr;
}

const EvaluationRun* Core::FindRun(const std::string& evaluation_id) const {
  for (const EvaluationRun& run : runs_) {
    if (run.record().evaluation_id == evaluation_id) return &run;
  }
  return nullptr;
}

const std::string* Core::FindDeletion(const std::string& request_id) const {
  const auto deletion = deletions_.find(request_id);
  return deletion == deletions_.end() ? nullptr : &deletion->second;
}

v1::Job Core::Describe(const Job& job) const {
  v1::Job view;
  view.set_job_id(job.record.job_id);
  *view.mutable_spec() = job.record.spec;
  view.set_state(job.record.state);
  view.set_priority(job.record.priority);
  view.set_reason(job.record.reason);
  view.set_step(job.record.step);
  view.set_generation(job.record.generation);
  view.set_workers(job.group.has_value() ? job.group->size() : 0);
  if (job.group.has_value()) view.set_reducer(job.group->reducer());
  view.set_reproducible(job.record.reproducible);
  view.set_parameters_sha256(job.record.parameters_sha256);
  view.set_dataset_sha256(job.record.dataset_sha256);
  view.set_checkpoint_step(job.checkpoint() != nullptr ? job.checkpoint()->step : 0);
  for (const CheckpointRecord& checkpoint : job.checkpoints) {
    *view.add_checkpoints() = DescribeCheckpoint(job, checkpoint);
  }
  for (const std::string& id : job.evaluations) {
    *view.add_evaluations() = Describe(evaluations_.at(id));
  }
  SetTimestamp(job.record.created, view.mutable_created());
  if (job.record.started != absl::InfinitePast()) {
    SetTimestamp(job.record.started, view.mutable_started());
  }
  if (job.record.finished != absl::InfinitePast()) {
    SetTimestamp(job.record.finished, view.mutable_finished());
  }
  return view;
}

v1::Evaluation Core::Describe(const EvaluationRecord& evaluation) const {
  v1::Evaluation view;
  view.set_evaluation_id(evaluation.evaluation_id);
  view.set_job_id(evaluation.job_id);
  view.set_step(evaluation.step);
  view.set_parameters_sha256(evaluation.parameters_sha256);
  *view.mutable_spec() = evaluation.spec;
  view.set_state(evaluation.state);
  view.set_reason(evaluation.reason);
  const EvaluationRun* run = FindRun(evaluation.evaluation_id);
  if (evaluation.state == v1::EVALUATION_DONE) view.set_tasks_done(evaluation.spec.tasks());
  if (run != nullptr) {
    view.set_tasks_done(run->tasks_done());
    if (!run->is_dealt()) {
      view.set_reason(IsOpen(*run) ? "waits for a free worker" : "its job is paused");
    }
  }
  for (const v1::EvaluationResult& result : evaluation.results) *view.add_results() = result;
  SetTimestamp(evaluation.created, view.mutable_created());
  return view;
}

std::vector<v1::WorkerStatus> Core::DescribeWorkers() const {
  std::vector<v1::WorkerStatus> views;
  for (const auto& [session, worker] : pool_.workers()) {
    v1::WorkerStatus& view = views.emplace_back();
    view.set_worker_id(worker.info.worker_id);
    view.set_name(worker.info.name);
    view.set_host(worker.info.host);
    view.set_pid(worker.info.pid);
    *view.mutable_numerics() = worker.info.numerics;
    view.set_threads(worker.info.threads);
    SetTimestamp(worker.connected, view.mutable_connected());
    if (worker.set_aside) {
      view.set_set_aside(absl::StrCat("it ", probation_.Why(worker.label)));
      SetTimestamp(probation_.Until(worker.label), view.mutable_set_aside_until());
    }
    view.set_activity("idle");
    if (const Job* job = worker.job_id.empty() ? nullptr : FindJob(worker.job_id)) {
      view.set_job_id(worker.job_id);
      const bool forming = job->group.has_value() && job->group->phase() == Group::Phase::kForming;
      view.set_activity(forming ? "joining" : "training");
    } else if (!worker.evaluation_id.empty()) {
      view.set_job_id(evaluations_.at(worker.evaluation_id).job_id);
      view.set_activity("evaluating");
    }
  }
  return views;
}

}  // namespace outerloop::coordinator
