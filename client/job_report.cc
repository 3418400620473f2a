#include "client/job_report.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "common/proto_time.h"
#include "google/protobuf/util/time_util.h"

namespace outerloop::client {
namespace {

bool IsOfTheseTasks(const v1::PublishedResult& published, const v1::EvaluationSpec& tasks) {
  return (!published.has_ways() || published.ways() == tasks.ways()) &&
         (!published.has_shots() || published.shots() == tasks.shots());
}

Json TimeToJson(const google::protobuf::Timestamp& time, bool is_set) {
  if (!is_set) return nullptr;
  return google::protobuf::util::TimeUtil::ToString(time);
}

Json PublishedToJson(const v1::PublishedResult* published) {
  if (published == nullptr) return nullptr;
  return {
      {"value", published->value()}, {"ci95", published->ci95()}, {"source", published->source()}};
}

Json ResultToJson(const v1::Evaluation& evaluation, const v1::EvaluationResult& result,
                  const v1::JobSpec& spec) {
  return {{"evaluation_id", evaluation.evaluation_id()},
          {"step", evaluation.step()},
          {"split", v1::Split_Name(result.split())},
          {"mode", v1::PredictionMode_Name(result.mode())},
          {"metric", result.metric()},
          {"inner_steps", result.inner_steps()},
          {"ways", evaluation.spec().has_ways() ? Json(evaluation.spec().ways()) : Json(nullptr)},
          {"shots", evaluation.spec().shots()},
          {"tasks", result.tasks()},
          {"mean", result.mean()},
          {"ci95", result.ci95()},
          {"published", PublishedToJson(FindPublished(evaluation, result, spec))}};
}

Json LossToJson(const v1::Checkpoint& checkpoint) {
  if (!checkpoint.has_loss() || !std::isfinite(checkpoint.loss())) return nullptr;
  return checkpoint.loss();
}

Json CheckpointsToJson(const v1::Job& job) {
  Json list = Json::array();
  for (const v1::Checkpoint& checkpoint : job.checkpoints()) {
    list.push_back({{"step", checkpoint.step()},
                    {"sha256", checkpoint.sha256()},
                    {"size_bytes", checkpoint.size_bytes()},
                    {"parameters_sha256", checkpoint.parameters_sha256()},
                    {"created", TimeToJson(checkpoint.created(), checkpoint.has_created())},
                    {"loss", LossToJson(checkpoint)},
                    {"best", checkpoint.best()}});
  }
  return list;
}

std::vector<std::string> ResultRow(const v1::Evaluation& evaluation,
                                   const v1::EvaluationResult& result, const v1::JobSpec& spec) {
  const v1::PublishedResult* published = FindPublished(evaluation, result, spec);
  return {absl::AsciiStrToLower(v1::Split_Name(result.split())),
          absl::AsciiStrToLower(v1::PredictionMode_Name(result.mode())),
          TaskName(evaluation.spec()),
          absl::StrCat(evaluation.step()),
          absl::StrCat(result.inner_steps()),
          absl::StrCat(result.tasks()),
          result.metric(),
          FormatScore(result.metric(), result.mean(), result.ci95()),
          published ? FormatScore(result.metric(), published->value(), published->ci95()) : "",
          published ? published->source() : ""};
}

// Why an evaluation has no results.
std::string UnfinishedLine(const v1::Evaluation& evaluation) {
  const bool failed = evaluation.state() == v1::EVALUATION_FAILED;
  const std::string split = absl::AsciiStrToLower(v1::Split_Name(evaluation.spec().split()));
  return absl::StrCat("evaluation on ", split, failed ? " failed" : " is not done",
                      evaluation.reason().empty() ? "" : ": ", evaluation.reason(), "\n");
}

}  // namespace

const v1::PublishedResult* FindPublished(const v1::Evaluation& evaluation,
                                         const v1::EvaluationResult& result,
                                         const v1::JobSpec& spec) {
  for (const v1::PublishedResult& published : spec.published()) {
    if (published.split() == result.split() && published.mode() == result.mode() &&
        published.inner_steps() == result.inner_steps() &&
        IsOfTheseTasks(published, evaluation.spec())) {
      return &published;
    }
  }
  return nullptr;
}

std::string TaskName(const v1::EvaluationSpec& spec) {
  return absl::StrCat(spec.has_ways() ? absl::StrCat(spec.ways(), "-way ") : "", spec.shots(),
                      "-shot");
}

std::vector<const v1::Evaluation*> EvaluationsOf(const v1::Job& job) {
  return {job.evaluations().pointer_begin(), job.evaluations().pointer_end()};
}

Json JobToJson(const v1::Job& job) {
  return {{"job_id", job.job_id()},
          {"name", job.spec().name()},
          {"state", v1::JobState_Name(job.state())},
          {"reason", job.reason()},
          {"owner", job.spec().queue().owner()},
          {"priority", job.priority()},
          {"step", job.step()},
          {"steps", job.spec().training().steps()},
          {"generation", job.generation()},
          {"workers", job.workers()},
          {"parameters_sha256", job.parameters_sha256()},
          {"dataset", job.spec().dataset().name()},
          {"dataset_sha256", job.dataset_sha256()},
          {"checkpoint_step", job.checkpoint_step()},
          {"created", TimeToJson(job.created(), job.has_created())},
          {"started", TimeToJson(job.started(), job.has_started())},
          {"finished", TimeToJson(job.finished(), job.has_finished())},
          {"evaluations", EvaluationsToJson(EvaluationsOf(job), job.spec())},
          {"checkpoints", CheckpointsToJson(job)}};
}

Json EvaluationsToJson(std::span<const v1::Evaluation* const> evaluations,
                       const v1::JobSpec& spec) {
  Json list = Json::array();
  for (const v1::Evaluation* evaluation : evaluations) {
    for (const v1::EvaluationResult& result : evaluation->results()) {
      list.push_back(ResultToJson(*evaluation, result, spec));
    }
  }
  return list;
}

std::string ResultTable(std::span<const v1::Evaluation* const> evaluations,
                        const v1::JobSpec& spec) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{"SPLIT"},
               {"MODE"},
               {"TASK"},
               {"STEP", kRight},
               {"INNER STEPS", kRight},
               {"TASKS", kRight},
               {"METRIC"},
               {"MEAN ± 95%", kRight},
               {"PUBLISHED", kRight},
               {"SOURCE"}});
  bool has_rows = false;
  std::string unfinished;
  for (const v1::Evaluation* evaluation : evaluations) {
    for (const v1::EvaluationResult& result : evaluation->results()) {
      table.AddRow(ResultRow(*evaluation, result, spec));
      has_rows = true;
    }
    if (evaluation->state() != v1::EVALUATION_DONE) {
      absl::StrAppend(&unfinished, UnfinishedLine(*evaluation));
    }
  }
  return absl::StrCat(has_rows ? table.Render() : "", unfinished);
}

std::string CheckpointTable(const v1::Job& job) {
  constexpr auto kRight = Table::Align::kRight;
  if (job.checkpoints().empty()) return "";
  Table table(
      {{"CHECKPOINT", kRight}, {"LOSS", kRight}, {""}, {"SIZE", kRight}, {"CREATED"}, {"SHA256"}});
  for (const v1::Checkpoint& checkpoint : job.checkpoints()) {
    table.AddRow({absl::StrCat(checkpoint.step()),
                  checkpoint.has_loss() ? FormatNumber(checkpoint.loss()) : "",
                  checkpoint.best() ? "best" : "", FormatBytes(checkpoint.size_bytes()),
                  FormatTimestamp(checkpoint.created()), checkpoint.sha256()});
  }
  return table.Render();
}

std::string EndReport(const v1::Job& job) {
  std::string text = absl::StrCat("job ", job.job_id(), " (", job.spec().name(), ") ",
                                  v1::JobState_Name(job.state()), " at step ", job.step(), "/",
                                  job.spec().training().steps());
  if (job.has_started() && job.has_finished()) {
    absl::StrAppend(&text, " after ",
                    FormatClock(FromTimestamp(job.finished()) - FromTimestamp(job.started())));
  }
  absl::StrAppend(&text, job.reason().empty() ? "" : ": ", job.reason(), "\n");
  const std::string results = ResultTable(EvaluationsOf(job), job.spec());
  absl::StrAppend(&text, results.empty() ? "" : "\n", results, results.empty() ? "" : "\n");
  if (!job.parameters_sha256().empty()) {
    absl::StrAppend(&text, "parameters_sha256 ", job.parameters_sha256(), "\n");
  }
  return text;
}

std::string FormatScore(const std::string& metric, double mean, double ci95) {
  if (!std::isfinite(mean)) return "not finite: a task diverged";
  if (metric == "accuracy") {
    const std::string interval = ci95 > 0 ? absl::StrFormat(" ± %.2f", 100 * ci95) : "";
    return absl::StrFormat("%.2f%s %%", 100 * mean, interval);
  }
  return absl::StrCat(FormatNumber(mean), ci95 > 0 ? absl::StrFormat(" ± %.2g", ci95) : "");
}

}  // namespace outerloop::client
