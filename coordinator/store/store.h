// The coordinator's durable memory: jobs, steps, checkpoints, evaluations, data sets, sweeps.
#ifndef OUTERLOOP_COORDINATOR_STORE_STORE_H_
#define OUTERLOOP_COORDINATOR_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/store/records.h"
#include "coordinator/store/sqlite.h"

namespace outerloop::coordinator {

// SQLite with a write-ahead log and full sync: when a call that writes has returned OK, what it
// wrote survives a kill and a power cut. One connection behind a mutex; calls block for the disk.
// Errors: RESOURCE_EXHAUSTED if the disk is full (nothing was written), DATA_LOSS if the file is
// damaged, INTERNAL for other failures, each naming the file.
class Store {
 public:
  // Opens or makes the database. FAILED_PRECONDITION if it is of a newer schema than this binary's,
  // or is no such database. The folder must be locked (data_folder.h).
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path);
  // Over a connection that is open already, of schema.h's kApplicationId.
  static absl::StatusOr<std::unique_ptr<Store>> Open(std::unique_ptr<SqliteDatabase> database);

  // A set of writes that become durable together, or not at all.
  class Batch {
   public:
    void Put(const JobRecord& job);  // Inserts or replaces, by job_id.
    void Put(const CheckpointRecord& checkpoint);
    void Put(const LossRecord& loss);  // By (job, step).
    void Put(const EvaluationRecord& evaluation);
    void Put(const ScoresRecord& scores);
    void Put(const SampleRecord& sample);  // By (evaluation, task).
    void Put(const EventRecord& event);    // By (job, number); drops those that are too many.
    void Put(const std::string& job_id, const v1::StepMetrics& metrics);  // By (job, step).
    void Put(const v1::Dataset& dataset);                                 // By name.
    void Put(const v1::Sweep& sweep);                                     // By sweep_id.
    void DeleteDataset(const std::string& name);
    void DeleteCheckpoint(const std::string& job_id, uint64_t step);
    void DeleteStepsAfter(const std::string& job_id, uint64_t step);  // And their losses.
    void Delete(const DeletionRecord& deletion);  // All that there is of a job, or a sweep.
    bool empty() const { return writes_.empty(); }

   private:
    friend class Store;
    std::vector<std::function<absl::Status(SqliteDatabase&)>> writes_;
  };
  absl::Status Commit(const Batch& batch) ABSL_LOCKS_EXCLUDED(mu_);

  // Everything, oldest first.
  absl::StatusOr<std::vector<JobRecord>> Jobs() const ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::vector<EvaluationRecord>> Evaluations() const ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::vector<v1::Sweep>> Sweeps() const ABSL_LOCKS_EXCLUDED(mu_);
  // By step, ascending.
  absl::StatusOr<std::vector<CheckpointRecord>> Checkpoints() const ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::vector<CheckpointRecord>> Checkpoints(const std::string& job_id) const
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::vector<LossRecord>> Losses() const ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::vector<DeletionRecord>> Deletions() const ABSL_LOCKS_EXCLUDED(mu_);
  // By shard, ascending.
  absl::StatusOr<std::vector<ScoresRecord>> Scores(const std::string& evaluation_id) const
      ABSL_LOCKS_EXCLUDED(mu_);
  // By task, ascending.
  absl::StatusOr<std::vector<v1::EpisodeSample>> Samples(const std::string& evaluation_id) const
      ABSL_LOCKS_EXCLUDED(mu_);
  // Steps after `after_step`, ascending, at most `limit`.
  absl::StatusOr<std::vector<v1::StepMetrics>> Steps(const std::string& job_id, uint64_t after_step,
                                                     size_t limit) const ABSL_LOCKS_EXCLUDED(mu_);
  // Events after `after_number`, ascending, at most `limit`.
  absl::StatusOr<std::vector<v1::JobEvent>> Events(const std::string& job_id, uint64_t after_number,
                                                   size_t limit) const ABSL_LOCKS_EXCLUDED(mu_);
  // The latest of each job that has any.
  absl::StatusOr<std::vector<EventRecord>> LatestEvents() const ABSL_LOCKS_EXCLUDED(mu_);
  // By name.
  absl::StatusOr<std::vector<v1::Dataset>> Datasets() const ABSL_LOCKS_EXCLUDED(mu_);
  // Whether a checkpoint or a data set is the blob `sha256`.
  absl::StatusOr<bool> IsNamed(const std::string& sha256) const ABSL_LOCKS_EXCLUDED(mu_);
  // NOT_FOUND without a message for people: the caller knows what names there are.
  absl::StatusOr<v1::Dataset> GetDataset(const std::string& name) const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  explicit Store(std::unique_ptr<SqliteDatabase> database);

  mutable absl::Mutex mu_;
  const std::unique_ptr<SqliteDatabase> database_ ABSL_PT_GUARDED_BY(mu_);
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_STORE_H_
