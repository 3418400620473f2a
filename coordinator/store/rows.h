// How records lie in the tables of schema.h.
#ifndef OUTERLOOP_COORDINATOR_STORE_ROWS_H_
#define OUTERLOOP_COORDINATOR_STORE_ROWS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/records.h"
#include "coordinator/store/sqlite.h"
#include "outerloop/v1/dataset.pb.h"
#include "outerloop/v1/job_service.pb.h"
#include "outerloop/v1/sweep.pb.h"

namespace outerloop::coordinator {

// Insert a row, or bring what may change in it up to date. Only inside a transaction.
absl::Status WriteRow(SqliteDatabase& database, const JobRecord& job);
absl::Status WriteRow(SqliteDatabase& database, const CheckpointRecord& checkpoint);
absl::Status WriteRow(SqliteDatabase& database, const LossRecord& loss);
absl::Status WriteRow(SqliteDatabase& database, const EvaluationRecord& evaluation);
absl::Status WriteRow(SqliteDatabase& database, const ScoresRecord& scores);
absl::Status WriteRow(SqliteDatabase& database, const SampleRecord& sample);
// Also deletes the job's events that are not kept any more.
absl::Status WriteRow(SqliteDatabase& database, const EventRecord& event);
absl::Status WriteRow(SqliteDatabase& database, const std::string& job_id,
                      const v1::StepMetrics& metrics);
absl::Status WriteRow(SqliteDatabase& database, const v1::Dataset& dataset);
absl::Status WriteRow(SqliteDatabase& database, const v1::Sweep& sweep);

// Delete rows, if they are there. Only inside a transaction.
absl::Status DeleteDataset(SqliteDatabase& database, const std::string& name);
// All that there is of a job, or a sweep but not its jobs; remembers the request.
absl::Status DeleteJob(SqliteDatabase& database, const DeletionRecord& deletion);
absl::Status DeleteCheckpoint(SqliteDatabase& database, const std::string& job_id, uint64_t step);
// Metrics and losses after `step`.
absl::Status DeleteStepsAfter(SqliteDatabase& database, const std::string& job_id, uint64_t step);

// What to select from the table of a record, for ReadRow.
inline constexpr char kJobColumns[] =
    "job_id, request_id, spec, dataset_sha256, state, reason, step, parameters_sha256, generation, "
    "members, numerics, created, started, finished, resumed_generation, requests, loss_sum, "
    "loss_steps, reproducible, pausing, priority, hold_step";
inline constexpr char kCheckpointColumns[] =
    "job_id, step, sha256, size_bytes, parameters_sha256, created, loss_sum, loss_steps";
inline constexpr char kLossColumns[] = "job_id, step, loss";
inline constexpr char kDeletionColumns[] = "request_id, job_id, submit_request_id";
inline constexpr char kEvaluationColumns[] =
    "evaluation_id, request_id, job_id, step, checkpoint_sha256, parameters_sha256, spec, state, "
    "reason, results, created";
inline constexpr char kScoresColumns[] = "evaluation_id, shard, series";
inline constexpr char kSampleColumns[] = "sample";
inline constexpr char kEventColumns[] = "job_id, event";
inline constexpr char kStepColumns[] = "metrics";
inline constexpr char kDatasetColumns[] = "dataset";
inline constexpr char kSweepColumns[] = "sweep";

// Read the row that `row` is at. DATA_LOSS if a column holds what WriteRow does not write.
absl::Status ReadRow(const SqliteStatement& row, JobRecord& job);
absl::Status ReadRow(const SqliteStatement& row, CheckpointRecord& checkpoint);
absl::Status ReadRow(const SqliteStatement& row, LossRecord& loss);
absl::Status ReadRow(const SqliteStatement& row, DeletionRecord& deletion);
absl::Status ReadRow(const SqliteStatement& row, EvaluationRecord& evaluation);
absl::Status ReadRow(const SqliteStatement& row, ScoresRecord& scores);
absl::Status ReadRow(const SqliteStatement& row, v1::EpisodeSample& sample);
absl::Status ReadRow(const SqliteStatement& row, EventRecord& event);
absl::Status ReadRow(const SqliteStatement& row, v1::StepMetrics& metrics);
absl::Status ReadRow(const SqliteStatement& row, v1::Dataset& dataset);
absl::Status ReadRow(const SqliteStatement& row, v1::Sweep& sweep);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_ROWS_H_
