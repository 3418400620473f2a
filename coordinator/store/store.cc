#include "coordinator/store/store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/store/rows.h"
#include "coordinator/store/schema.h"

namespace outerloop::coordinator {
namespace {

// All rows of a query whose columns are those of `Record` (rows.h).
template <typename Record, typename... Values>
absl::StatusOr<std::vector<Record>> Select(SqliteDatabase& database, const std::string& sql,
                                           const Values&... values) {
  ASSIGN_OR_RETURN(SqliteStatement statement, database.Prepare(sql));
  statement.Bind(values...);
  std::vector<Record> records;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return records;
    const absl::Status status = ReadRow(statement, records.emplace_back());
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat(database.path(), ": ", status.message()));
    }
  }
}

// The largest number that SQLite can compare with.
int64_t Clamp(uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(value, std::numeric_limits<int64_t>::max()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& path) {
  ASSIGN_OR_RETURN(auto database, SqliteDatabase::Open(path, kApplicationId));
  return Open(std::move(database));
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(std::unique_ptr<SqliteDatabase> database) {
  RETURN_IF_ERROR(UpgradeSchema(*database));
  return std::unique_ptr<Store>(new Store(std::move(database)));
}

Store::Store(std::unique_ptr<SqliteDatabase> database) : database_(std::move(database)) {}

void Store::Batch::Put(const JobRecord& job) {
  writes_.push_back([job](SqliteDatabase& database) { return WriteRow(database, job); });
}

void Store::Batch::Put(const CheckpointRecord& checkpoint) {
  writes_.push_back(
      [checkpoint](SqliteDatabase& database) { return WriteRow(database, checkpoint); });
}

void Store::Batch::Put(const LossRecord& loss) {
  writes_.push_back([loss](SqliteDatabase& database) { return WriteRow(database, loss); });
}

void Store::Batch::Put(const EvaluationRecord& evaluation) {
  writes_.push_back(
      [evaluation](SqliteDatabase& database) { return WriteRow(database, evaluation); });
}

void Store::Batch::Put(const ScoresRecord& scores) {
  writes_.push_back([scores](SqliteDatabase& database) { return WriteRow(database, scores); });
}

void Store::Batch::Put(const SampleRecord& sample) {
  writes_.push_back([sample](SqliteDatabase& database) { return WriteRow(database, sample); });
}

void Store::Batch::Put(const EventRecord& event) {
  writes_.push_back([event](SqliteDatabase& database) { return WriteRow(database, event); });
}

void Store::Batch::Put(const std::string& job_id, const v1::StepMetrics& metrics) {
  writes_.push_back(
      [job_id, metrics](SqliteDatabase& database) { return WriteRow(database, job_id, metrics); });
}

void Store::Batch::Put(const v1::Dataset& dataset) {
  writes_.push_back([dataset](SqliteDatabase& database) { return WriteRow(database, dataset); });
}

void Store::Batch::Put(const v1::Sweep& sweep) {
  writes_.push_back([sweep](SqliteDatabase& database) { return WriteRow(database, sweep); });
}

void Store::Batch::DeleteDataset(const std::string& name) {
  writes_.push_back(
      [name](SqliteDatabase& database) { return coordinator::DeleteDataset(database, name); });
}

void Store::Batch::DeleteCheckpoint(const std::string& job_id, uint64_t step) {
  writes_.push_back([job_id, step](SqliteDatabase& database) {
    return coordinator::DeleteCheckpoint(database, job_id, step);
  });
}

void Store::Batch::DeleteStepsAfter(const std::string& job_id, uint64_t step) {
  writes_.push_back([job_id, step](SqliteDatabase& database) {
    return coordinator::DeleteStepsAfter(database, job_id, step);
  });
}

void Store::Batch::Delete(const DeletionRecord& deletion) {
  writes_.push_back([deletion](SqliteDatabase& database) { return DeleteJob(database, deletion); });
}

absl::Status Store::Commit(const Batch& batch) {
  if (batch.empty()) return absl::OkStatus();
  absl::MutexLock lock(&mu_);
  SqliteDatabase& database = *database_;
  return database.Transaction([&]() -> absl::Status {
    for (const auto& write : batch.writes_) RETURN_IF_ERROR(write(database));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<JobRecord>> Store::Jobs() const {
  absl::MutexLock lock(&mu_);
  return Select<JobRecord>(*database_,
                           absl::StrCat("SELECT ", kJobColumns, " FROM jobs ORDER BY number"));
}

absl::StatusOr<std::vector<EvaluationRecord>> Store::Evaluations() const {
  absl::MutexLock lock(&mu_);
  return Select<EvaluationRecord>(
      *database_, absl::StrCat("SELECT ", kEvaluationColumns, " FROM evaluations ORDER BY number"));
}

absl::StatusOr<std::vector<v1::Sweep>> Store::Sweeps() const {
  absl::MutexLock lock(&mu_);
  return Select<v1::Sweep>(*database_,
                           absl::StrCat("SELECT ", kSweepColumns, " FROM sweeps ORDER BY number"));
}

absl::StatusOr<std::vector<CheckpointRecord>> Store::Checkpoints() const {
  absl::MutexLock lock(&mu_);
  return Select<CheckpointRecord>(
      *database_,
      absl::StrCat("SELECT ", kCheckpointColumns, " FROM checkpoints ORDER BY step, job_id"));
}

absl::StatusOr<std::vector<CheckpointRecord>> Store::Checkpoints(const std::string& job_id) const {
  absl::MutexLock lock(&mu_);
  return Select<CheckpointRecord>(*database_,
                                  absl::StrCat("SELECT ", kCheckpointColumns,
                                               " FROM checkpoints WHERE job_id = ? ORDER BY step"),
                                  job_id);
}

absl::StatusOr<std::vector<LossRecord>> Store::Losses() const {
  absl::MutexLock lock(&mu_);
  return Select<LossRecord>(
      *database_, absl::StrCat("SELECT ", kLossColumns, " FROM losses ORDER BY step, job_id"));
}

absl::StatusOr<std::vector<DeletionRecord>> Store::Deletions() const {
  absl::MutexLock lock(&mu_);
  return Select<DeletionRecord>(*database_,
                                absl::StrCat("SELECT ", kDeletionColumns, " FROM deletions"));
}

absl::StatusOr<std::vector<ScoresRecord>> Store::Scores(const std::string& evaluation_id) const {
  absl::MutexLock lock(&mu_);
  return Select<ScoresRecord>(*database_,
                              absl::StrCat("SELECT ", kScoresColumns,
                                           " FROM scores WHERE evaluation_id = ? ORDER BY shard"),
                              evaluation_id);
}

absl::StatusOr<std::vector<v1::EpisodeSample>> Store::Samples(
    const std::string& evaluation_id) const {
  absl::MutexLock lock(&mu_);
  return Select<v1::EpisodeSample>(*database_,
                                   absl::StrCat("SELECT ", kSampleColumns,
                                                " FROM samples WHERE evaluation_id = ? "
                                                "ORDER BY task"),
                                   evaluation_id);
}

absl::StatusOr<std::vector<v1::StepMetrics>> Store::Steps(const std::string& job_id,
                                                          uint64_t after_step, size_t limit) const {
  absl::MutexLock lock(&mu_);
  return Select<v1::StepMetrics>(
      *database_,
      absl::StrCat("SELECT ", kStepColumns,
                   " FROM steps WHERE job_id = ? AND step > ? ORDER BY step LIMIT ?"),
      job_id, Clamp(after_step), Clamp(limit));
}

absl::StatusOr<std::vector<v1::JobEvent>> Store::Events(const std::string& job_id,
                                                        uint64_t after_number, size_t limit) const {
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(
      std::vector<EventRecord> records,
      Select<EventRecord>(
          *database_,
          absl::StrCat("SELECT ", kEventColumns,
                       " FROM events WHERE job_id = ? AND number > ? ORDER BY number LIMIT ?"),
          job_id, Clamp(after_number), Clamp(limit)));
  std::vector<v1::JobEvent> events;
  for (EventRecord& record : records) events.push_back(std::move(record.event));
  return events;
}

absl::StatusOr<std::vector<EventRecord>> Store::LatestEvents() const {
  absl::MutexLock lock(&mu_);
  // A look-up a job, where grouping would read every event.
  return Select<EventRecord>(
      *database_, absl::StrCat("SELECT ", kEventColumns,
                               " FROM events WHERE (job_id, number) IN (SELECT job_id, (SELECT "
                               "MAX(number) FROM events WHERE events.job_id = jobs.job_id) FROM "
                               "jobs)"));
}

absl::StatusOr<std::vector<v1::Dataset>> Store::Datasets() const {
  absl::MutexLock lock(&mu_);
  return Select<v1::Dataset>(
      *database_, absl::StrCat("SELECT ", kDatasetColumns, " FROM datasets ORDER BY name"));
}

absl::StatusOr<bool> Store::IsNamed(const std::string& sha256) const {
  ASSIGN_OR_RETURN(const std::vector<v1::Dataset> datasets, Datasets());
  for (const v1::Dataset& dataset : datasets) {
    if (dataset.sha256() == sha256) return true;
  }
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(const auto found, Select<CheckpointRecord>(
                                         *database_,
                                         absl::StrCat("SELECT ", kCheckpointColumns,
                                                      " FROM checkpoints WHERE sha256 = ? LIMIT 1"),
                                         sha256));
  return !found.empty();
}

absl::StatusOr<v1::Dataset> Store::GetDataset(const std::string& name) const {
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(
      std::vector<v1::Dataset> found,
      Select<v1::Dataset>(*database_,
                          absl::StrCat("SELECT ", kDatasetColumns, " FROM datasets WHERE name = ?"),
                          name));
  if (found.empty()) return absl::NotFoundError("");
  return std::move(found.front());
}

}  // namespace outerloop::coordinator
