// The simulated coordinator's disk: what a crash leaves.
#ifndef OUTERLOOP_TESTS_SIMULATION_DISK_H_
#define OUTERLOOP_TESTS_SIMULATION_DISK_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/core/core.h"
#include "coordinator/core/effects.h"
#include "tests/simulation/arithmetic.h"

namespace outerloop::simulation {

// As coordinator/store/store.h and blob_store.h, in memory. Thread-compatible.
class Disk {
 public:
  void Apply(const coordinator::Write& write);
  void PutBlob(const std::string& sha256, const TrainingState& state) { blobs_[sha256] = state; }
  void DropBlob(const std::string& sha256) { blobs_.erase(sha256); }
  // Unless a checkpoint names it.
  void CollectBlob(const std::string& sha256);

  coordinator::Remembered Remember() const;
  // Null if there is none.
  const coordinator::JobRecord* FindJob(const std::string& job_id) const;
  const TrainingState* FindBlob(const std::string& sha256) const;
  // How many events of the job there were.
  uint64_t Events(const std::string& job_id) const;
  // Oldest first.
  std::vector<const coordinator::JobRecord*> Jobs() const;
  // Steps after `after`, ascending, at most `limit`.
  std::vector<v1::StepMetrics> Steps(const std::string& job_id, uint64_t after, size_t limit) const;
  // Of this job, by step.
  std::vector<coordinator::CheckpointRecord> Checkpoints(const std::string& job_id) const;
  const std::map<std::string, coordinator::EvaluationRecord>& evaluations() const {
    return evaluations_;
  }

 private:
  void Put(const coordinator::JobRecord& job);
  void Put(const coordinator::CheckpointRecord& checkpoint);
  void Put(const coordinator::EvaluationRecord& evaluation);
  void Put(const coordinator::ScoresRecord& scores) {}
  void Put(const coordinator::SampleRecord& sample) {}
  void Put(const coordinator::EventRecord& event) { latest_events_[event.job_id] = event; }
  void Put(const coordinator::StepRecord& step);
  void Put(const coordinator::LossRecord& loss);
  void Put(const coordinator::CheckpointDropped& dropped);
  void Put(const coordinator::StepsDropped& dropped);
  void Put(const coordinator::DeletionRecord& deletion);

  std::vector<std::string> order_;  // Of jobs.
  std::map<std::string, coordinator::JobRecord> jobs_;
  std::vector<coordinator::DeletionRecord> deletions_;
  std::map<std::string, std::map<uint64_t, v1::StepMetrics>> steps_;
  std::map<std::pair<std::string, uint64_t>, coordinator::CheckpointRecord> checkpoints_;
  std::map<std::pair<std::string, uint64_t>, coordinator::LossRecord> losses_;
  std::map<std::string, coordinator::EventRecord> latest_events_;  // By job.
  std::vector<std::string> evaluation_order_;
  std::map<std::string, coordinator::EvaluationRecord> evaluations_;
  std::map<std::string, TrainingState> blobs_;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_DISK_H_
