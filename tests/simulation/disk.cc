#include "tests/simulation/disk.h"

#include <algorithm>

namespace outerloop::simulation {

using coordinator::CheckpointRecord;
using coordinator::EvaluationRecord;
using coordinator::JobRecord;

void Disk::Apply(const coordinator::Write& write) {
  std::visit([this](const auto& record) { Put(record); }, write);
}

void Disk::Put(const JobRecord& job) {
  if (!jobs_.contains(job.job_id)) order_.push_back(job.job_id);
  jobs_[job.job_id] = job;
}

void Disk::Put(const CheckpointRecord& checkpoint) {
  checkpoints_[{checkpoint.job_id, checkpoint.step}] = checkpoint;
}

void Disk::Put(const EvaluationRecord& evaluation) {
  if (!evaluations_.contains(evaluation.evaluation_id)) {
    evaluation_order_.push_back(evaluation.evaluation_id);
  }
  evaluations_[evaluation.evaluation_id] = evaluation;
}

void Disk::Put(const coordinator::StepRecord& step) {
  steps_[step.job_id][step.metrics.step()] = step.metrics;
}

void Disk::Put(const coordinator::LossRecord& loss) { losses_[{loss.job_id, loss.step}] = loss; }

void Disk::Put(const coordinator::CheckpointDropped& dropped) {
  checkpoints_.erase({dropped.job_id, dropped.step});
}

void Disk::Put(const coordinator::StepsDropped& dropped) {
  auto& steps = steps_[dropped.job_id];
  steps.erase(steps.upper_bound(dropped.step), steps.end());
  std::erase_if(losses_, [&dropped](const auto& loss) {
    return loss.first.first == dropped.job_id && loss.first.second > dropped.step;
  });
}

void Disk::Put(const coordinator::DeletionRecord& deletion) {
  const auto is_of_job = [&](const auto& entry) { return entry.second.job_id == deletion.job_id; };
  deletions_.push_back(deletion);
  jobs_.erase(deletion.job_id);
  std::erase(order_, deletion.job_id);
  steps_.erase(deletion.job_id);
  latest_events_.erase(deletion.job_id);
  std::erase_if(checkpoints_, is_of_job);
  std::erase_if(losses_, is_of_job);
  std::erase_if(evaluations_, is_of_job);
  std::erase_if(evaluation_order_,
                [this](const std::string& id) { return !evaluations_.contains(id); });
}

void Disk::CollectBlob(const std::string& sha256) {
  const auto names_it = [&sha256](const auto& entry) { return entry.second.sha256 == sha256; };
  if (std::none_of(checkpoints_.begin(), checkpoints_.end(), names_it)) DropBlob(sha256);
}

coordinator::Remembered Disk::Remember() const {
  coordinator::Remembered remembered;
  for (const std::string& id : order_) remembered.jobs.push_back(jobs_.at(id));
  for (const auto& [key, checkpoint] : checkpoints_) remembered.checkpoints.push_back(checkpoint);
  std::stable_sort(
      remembered.checkpoints.begin(), remembered.checkpoints.end(),
      [](const CheckpointRecord& a, const CheckpointRecord& b) { return a.step < b.step; });
  for (const auto& [key, loss] : losses_) remembered.losses.push_back(loss);
  for (const auto& [id, event] : latest_events_) remembered.latest_events.push_back(event);
  remembered.deletions = deletions_;
  for (const std::string& id : evaluation_order_) {
    remembered.evaluations.push_back(evaluations_.at(id));
  }
  return remembered;
}

const JobRecord* Disk::FindJob(const std::string& job_id) const {
  const auto it = jobs_.find(job_id);
  return it == jobs_.end() ? nullptr : &it->second;
}

const TrainingState* Disk::FindBlob(const std::string& sha256) const {
  const auto it = blobs_.find(sha256);
  return it == blobs_.end() ? nullptr : &it->second;
}

uint64_t Disk::Events(const std::string& job_id) const {
  const auto it = latest_events_.find(job_id);
  return it == latest_events_.end() ? 0 : it->second.event.number();
}

std::vector<const JobRecord*> Disk::Jobs() const {
  std::vector<const JobRecord*> jobs;
  for (const std::string& id : order_) jobs.push_back(&jobs_.at(id));
  return jobs;
}

std::vector<v1::StepMetrics> Disk::Steps(const std::string& job_id, uint64_t after,
                                         size_t limit) const {
  std::vector<v1::StepMetrics> steps;
  const auto job = steps_.find(job_id);
  if (job == steps_.end()) return steps;
  for (auto it = job->second.upper_bound(after); it != job->second.end(); ++it) {
    if (steps.size() == limit) break;
    steps.push_back(it->second);
  }
  return steps;
}

std::vector<CheckpointRecord> Disk::Checkpoints(const std::string& job_id) const {
  std::vector<CheckpointRecord> checkpoints;
  for (auto it = checkpoints_.lower_bound({job_id, 0});
       it != checkpoints_.end() && it->first.first == job_id; ++it) {
    checkpoints.push_back(it->second);
  }
  return checkpoints;
}

}  // namespace outerloop::simulation
