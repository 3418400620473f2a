#include "coordinator/store/rows.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"

namespace outerloop::coordinator {
namespace {

using nlohmann::json;

std::optional<int64_t> FromTime(absl::Time time) {
  if (time == absl::InfinitePast()) return std::nullopt;
  return absl::ToUnixNanos(time);
}

absl::Time ToTime(std::optional<int64_t> nanoseconds) {
  return nanoseconds.has_value() ? absl::FromUnixNanos(*nanoseconds) : absl::InfinitePast();
}

std::string FromNames(const std::vector<std::string>& names) {
  // Replace: bytes that are no UTF-8 would throw otherwise.
  return json(names).dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false,
                          json::error_handler_t::replace);
}

absl::Status ToNames(const std::string& column, const std::string& text,
                     std::vector<std::string>& names) {
  const json list = json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) {
    return absl::DataLossError(absl::StrCat("column `", column, "` is no JSON list"));
  }
  for (const json& name : list) {
    if (!name.is_string()) {
      return absl::DataLossError(absl::StrCat("column `", column, "` is no list of names"));
    }
    names.push_back(name.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status ToMessage(const std::string& bytes, google::protobuf::Message& message) {
  if (message.ParseFromString(bytes)) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("a column holds no ", std::string(message.GetDescriptor()->full_name())));
}

// Prepares, binds and runs a statement without a result.
template <typename... Values>
absl::Status Run(SqliteDatabase& database, std::string_view sql, const Values&... values) {
  ASSIGN_OR_RETURN(SqliteStatement statement, database.Prepare(sql));
  return statement.Bind(values...).Run();
}

}  // namespace

absl::Status WriteRow(SqliteDatabase& database, const JobRecord& job) {
  static const std::string sql = absl::StrCat(
      "INSERT INTO jobs (", kJobColumns, ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      R"sql(
      ON CONFLICT (job_id) DO UPDATE SET
        state = excluded.state, reason = excluded.reason, step = excluded.step,
        parameters_sha256 = excluded.parameters_sha256, generation = excluded.generation,
        members = excluded.members, numerics = excluded.numerics, started = excluded.started,
        finished = excluded.finished, resumed_generation = excluded.resumed_generation,
        requests = excluded.requests, pausing = excluded.pausing, loss_sum = excluded.loss_sum,
        loss_steps = excluded.loss_steps, reproducible = excluded.reproducible,
        priority = excluded.priority, hold_step = excluded.hold_step)sql");
  return Run(database, sql, job.job_id, job.request_id, SqliteBlob{job.spec.SerializeAsString()},
             job.dataset_sha256, job.state, job.reason, job.step, job.parameters_sha256,
             job.generation, FromNames(job.members), SqliteBlob{job.numerics.SerializeAsString()},
             FromTime(job.created), FromTime(job.started), FromTime(job.finished),
             job.resumed_generation, FromNames(job.requests), job.losses.sum, job.losses.steps,
             job.reproducible, job.pausing, job.priority, job.hold_step);
}

absl::Status WriteRow(SqliteDatabase& database, const CheckpointRecord& checkpoint) {
  static const std::string sql = absl::StrCat("INSERT OR REPLACE INTO checkpoints (",
                                              kCheckpointColumns, ") VALUES (?,?,?,?,?,?,?,?)");
  return Run(database, sql, checkpoint.job_id, checkpoint.step, checkpoint.sha256,
             checkpoint.size_bytes, checkpoint.parameters_sha256, FromTime(checkpoint.created),
             checkpoint.losses.sum, checkpoint.losses.steps);
}

absl::Status WriteRow(SqliteDatabase& database, const LossRecord& loss) {
  static const std::string sql =
      absl::StrCat("INSERT OR REPLACE INTO losses (", kLossColumns, ") VALUES (?,?,?)");
  return Run(database, sql, loss.job_id, loss.step, loss.loss);
}

absl::Status WriteRow(SqliteDatabase& database, const EvaluationRecord& evaluation) {
  static const std::string sql = absl::StrCat("INSERT INTO evaluations (", kEvaluationColumns,
                                              ") VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                                              R"sql(
      ON CONFLICT (evaluation_id) DO UPDATE SET
        step = excluded.step, checkpoint_sha256 = excluded.checkpoint_sha256,
        parameters_sha256 = excluded.parameters_sha256, created = excluded.created,
        state = excluded.state, reason = excluded.reason, results = excluded.results)sql");
  v1::Evaluation results;
  results.mutable_results()->Assign(evaluation.results.begin(), evaluation.results.end());
  return Run(database, sql, evaluation.evaluation_id, evaluation.request_id, evaluation.job_id,
             evaluation.step, evaluation.checkpoint_sha256, evaluation.parameters_sha256,
             SqliteBlob{evaluation.spec.SerializeAsString()}, evaluation.state, evaluation.reason,
             SqliteBlob{results.SerializeAsString()}, FromTime(evaluation.created));
}

absl::Status WriteRow(SqliteDatabase& database, const ScoresRecord& scores) {
  static const std::string sql =
      absl::StrCat("INSERT OR REPLACE INTO scores (", kScoresColumns, ") VALUES (?,?,?)");
  v1::EvaluationShardDone series;
  series.mutable_series()->Assign(scores.series.begin(), scores.series.end());
  return Run(database, sql, scores.evaluation_id, scores.shard,
             SqliteBlob{series.SerializeAsString()});
}

absl::Status WriteRow(SqliteDatabase& database, const SampleRecord& sample) {
  return Run(
      database, "INSERT OR REPLACE INTO samples (evaluation_id, task, sample) VALUES (?,?,?)",
      sample.evaluation_id, sample.sample.task(), SqliteBlob{sample.sample.SerializeAsString()});
}

absl::Status WriteRow(SqliteDatabase& database, const EventRecord& event) {
  const uint64_t number = event.event.number();
  RETURN_IF_ERROR(Run(database,
                      "INSERT OR REPLACE INTO events (job_id, number, event) VALUES (?,?,?)",
                      event.job_id, number, SqliteBlob{event.event.SerializeAsString()}));
  if (number <= kEventsKept) return absl::OkStatus();
  return Run(database, "DELETE FROM events WHERE job_id = ? AND number <= ?", event.job_id,
             number - kEventsKept);
}

absl::Status WriteRow(SqliteDatabase& database, const std::string& job_id,
                      const v1::StepMetrics& metrics) {
  return Run(database, "INSERT OR REPLACE INTO steps (job_id, step, metrics) VALUES (?,?,?)",
             job_id, metrics.step(), SqliteBlob{metrics.SerializeAsString()});
}

absl::Status WriteRow(SqliteDatabase& database, const v1::Dataset& dataset) {
  return Run(database, "INSERT OR REPLACE INTO datasets (name, dataset) VALUES (?,?)",
             dataset.name(), SqliteBlob{dataset.SerializeAsString()});
}

absl::Status WriteRow(SqliteDatabase& database, const v1::Sweep& sweep) {
  return Run(database,
             "INSERT INTO sweeps (sweep_id, request_id, sweep) VALUES (?,?,?) "
             "ON CONFLICT (sweep_id) DO UPDATE SET sweep = excluded.sweep",
             sweep.sweep_id(), sweep.request_id(), SqliteBlob{sweep.SerializeAsString()});
}

absl::Status DeleteDataset(SqliteDatabase& database, const std::string& name) {
  return Run(database, "DELETE FROM datasets WHERE name = ?", name);
}

absl::Status DeleteJob(SqliteDatabase& database, const DeletionRecord& deletion) {
  constexpr const char* kTables[] = {
      "scores WHERE evaluation_id IN (SELECT evaluation_id FROM evaluations WHERE job_id = ?)",
      "samples WHERE evaluation_id IN (SELECT evaluation_id FROM evaluations WHERE job_id = ?)",
      "evaluations WHERE job_id = ?",
      "losses WHERE job_id = ?",
      "events WHERE job_id = ?",
      "steps WHERE job_id = ?",
      "checkpoints WHERE job_id = ?",
      "jobs WHERE job_id = ?",
      "sweeps WHERE sweep_id = ?"};
  for (const char* table : kTables) {
    RETURN_IF_ERROR(Run(database, absl::StrCat("DELETE FROM ", table), deletion.job_id));
  }
  return Run(
      database,
      absl::StrCat("INSERT OR REPLACE INTO deletions (", kDeletionColumns, ") VALUES (?,?,?)"),
      deletion.request_id, deletion.job_id, deletion.submit_request_id);
}

absl::Status DeleteCheckpoint(SqliteDatabase& database, const std::string& job_id, uint64_t step) {
  return Run(database, "DELETE FROM checkpoints WHERE job_id = ? AND step = ?", job_id, step);
}

absl::Status DeleteStepsAfter(SqliteDatabase& database, const std::string& job_id, uint64_t step) {
  RETURN_IF_ERROR(Run(database, "DELETE FROM steps WHERE job_id = ? AND step > ?", job_id, step));
  return Run(database, "DELETE FROM losses WHERE job_id = ? AND step > ?", job_id, step);
}

absl::Status ReadRow(const SqliteStatement& row, JobRecord& job) {
  job.job_id = row.Text(0);
  job.request_id = row.Text(1);
  RETURN_IF_ERROR(ToMessage(row.Text(2), job.spec));
  job.dataset_sha256 = row.Text(3);
  job.state = static_cast<v1::JobState>(row.Integer(4));
  job.reason = row.Text(5);
  job.step = static_cast<uint64_t>(row.Integer(6));
  job.parameters_sha256 = row.Text(7);
  job.generation = static_cast<uint64_t>(row.Integer(8));
  RETURN_IF_ERROR(ToNames("members", row.Text(9), job.members));
  RETURN_IF_ERROR(ToMessage(row.Text(10), job.numerics));
  job.created = ToTime(row.OptionalInteger(11));
  job.started = ToTime(row.OptionalInteger(12));
  job.finished = ToTime(row.OptionalInteger(13));
  job.resumed_generation = static_cast<uint64_t>(row.Integer(14));
  RETURN_IF_ERROR(ToNames("requests", row.Text(15), job.requests));
  job.losses = {row.Real(16), static_cast<uint64_t>(row.Integer(17))};
  job.reproducible = row.Integer(18) != 0;
  job.pausing = row.Integer(19) != 0;
  job.priority = static_cast<int32_t>(row.Integer(20));
  job.hold_step = static_cast<uint64_t>(row.Integer(21));
  return absl::OkStatus();
}

absl::Status ReadRow(const SqliteStatement& row, CheckpointRecord& checkpoint) {
  checkpoint.job_id = row.Text(0);
  checkpoint.step = static_cast<uint64_t>(row.Integer(1));
  checkpoint.sha256 = row.Text(2);
  checkpoint.size_bytes = static_cast<uint64_t>(row.Integer(3));
  checkpoint.parameters_sha256 = row.Text(4);
  checkpoint.created = ToTime(row.OptionalInteger(5));
  checkpoint.losses = {row.Real(6), static_cast<uint64_t>(row.Integer(7))};
  return absl::OkStatus();
}

absl::Status ReadRow(const SqliteStatement& row, LossRecord& loss) {
  loss.job_id = row.Text(0);
  loss.step = static_cast<uint64_t>(row.Integer(1));
  loss.loss = row.Real(2);
  return absl::OkStatus();
}

absl::Status ReadRow(const SqliteStatement& row, EvaluationRecord& evaluation) {
  evaluation.evaluation_id = row.Text(0);
  evaluation.request_id = row.Text(1);
  evaluation.job_id = row.Text(2);
  evaluation.step = static_cast<uint64_t>(row.Integer(3));
  evaluation.checkpoint_sha256 = row.Text(4);
  evaluation.parameters_sha256 = row.Text(5);
  RETURN_IF_ERROR(ToMessage(row.Text(6), evaluation.spec));
  evaluation.state = static_cast<v1::EvaluationState>(row.Integer(7));
  evaluation.reason = row.Text(8);
  v1::Evaluation results;
  RETURN_IF_ERROR(ToMessage(row.Text(9), results));
  evaluation.results.assign(results.results().begin(), results.results().end());
  evaluation.created = ToTime(row.OptionalInteger(10));
  return absl::OkStatus();
}

absl::Status ReadRow(const SqliteStatement& row, ScoresRecord& scores) {
  scores.evaluation_id = row.Text(0);
  scores.shard = static_cast<uint32_t>(row.Integer(1));
  v1::EvaluationShardDone series;
  RETURN_IF_ERROR(ToMessage(row.Text(2), series));
  scores.series.assign(series.series().begin(), series.series().end());
  return absl::OkStatus();
}

absl::Status ReadRow(const SqliteStatement& row, DeletionRecord& deletion) {
  deletion = {row.Text(0), row.Text(1), row.Text(2)};
  return absl::OkStatus();
}

absl::Status ReadRow(const SqliteStatement& row, v1::EpisodeSample& sample) {
  return ToMessage(row.Text(0), sample);
}

absl::Status ReadRow(const SqliteStatement& row, EventRecord& event) {
  event.job_id = row.Text(0);
  return ToMessage(row.Text(1), event.event);
}

absl::Status ReadRow(const SqliteStatement& row, v1::StepMetrics& metrics) {
  return ToMessage(row.Text(0), metrics);
}

absl::Status ReadRow(const SqliteStatement& row, v1::Dataset& dataset) {
  return ToMessage(row.Text(0), dataset);
}

absl::Status ReadRow(const SqliteStatement& row, v1::Sweep& sweep) {
  return ToMessage(row.Text(0), sweep);
}

}  // namespace outerloop::coordinator
