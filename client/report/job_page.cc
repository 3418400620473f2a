#include "client/report/job_page.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/job_history.h"
#include "client/job_report.h"
#include "client/message_yaml.h"
#include "client/report/episode_section.h"
#include "client/report/event_section.h"
#include "client/report/html.h"
#include "client/report/interval_chart.h"
#include "client/report/line_chart.h"
#include "client/report/page_style.h"
#include "client/terminal/format.h"
#include "common/proto_time.h"

namespace outerloop::client {
namespace {

// So many points has a curve.
constexpr uint64_t kPoints = 200;

std::string Lower(const std::string& name) { return absl::AsciiStrToLower(name); }

std::string Code(const std::string& text) {
  return absl::StrCat("<code>", EscapeHtml(text), "</code>");
}

std::string Fact(const std::string& name, const std::string& html) {
  return absl::StrCat("<dt>", name, "</dt><dd>", html, "</dd>\n");
}

std::string Header(const v1::Job& job, absl::Time written) {
  const std::string state = v1::JobState_Name(job.state());
  const std::string reason = job.reason().empty() ? "" : ": " + EscapeHtml(job.reason());
  return absl::StrCat(
      "<h1>", EscapeHtml(job.spec().name()), "</h1>\n<p><span class=\"state ", state, "\">",
      Lower(state), "</span>", reason, " at step ", job.step(), " of ",
      job.spec().training().steps(), " <span class=\"note\">— ", EscapeHtml(job.job_id()), ", ",
      absl::FormatTime("%Y-%m-%d %H:%M:%S %Z", written, absl::UTCTimeZone()), "</span></p>\n");
}

std::string DurationOf(const v1::Job& job) {
  if (!job.has_started()) return "not started";
  if (!job.has_finished()) return "goes on";
  return FormatClock(FromTimestamp(job.finished()) - FromTimestamp(job.started()));
}

std::string Facts(const v1::Job& job) {
  std::string facts = "<dl>\n";
  absl::StrAppend(&facts, Fact("started", FormatTimestamp(job.started())),
                  Fact("took", DurationOf(job)),
                  Fact("groups of workers", absl::StrCat(job.generation())),
                  Fact("data set", EscapeHtml(job.spec().dataset().name())));
  if (!job.dataset_sha256().empty()) {
    absl::StrAppend(&facts, Fact("its digest", Code(job.dataset_sha256())));
  }
  if (!job.parameters_sha256().empty()) {
    absl::StrAppend(&facts, Fact("parameters", Code(job.parameters_sha256())));
  }
  return facts + "</dl>\n";
}

LineChart ChartOf(std::span<const HistoryRow> rows, const std::string& title,
                  std::optional<double> HistoryRow::*value) {
  LineChart chart{.title = title, .x_label = "outer steps", .points = {}, .marks = {}};
  for (const HistoryRow& row : rows) {
    const std::optional<double>& number = row.*value;
    if (number.has_value() && std::isfinite(*number)) {
      chart.points.push_back({static_cast<double>(row.step), *number});
    }
  }
  return chart;
}

bool AreAllPositive(const LineChart& chart) {
  return std::all_of(chart.points.begin(), chart.points.end(),
                     [](const auto& point) { return point.second > 0; });
}

std::string Curves(std::span<const v1::StepMetrics> steps) {
  if (steps.empty()) return "";
  const uint64_t every = StretchFor(steps, kPoints);
  const std::vector<HistoryRow> rows = SummarizeHistory(steps, every);
  LineChart loss = ChartOf(rows, "query loss", &HistoryRow::loss);
  loss.type = "loss";
  loss.logarithmic = AreAllPositive(loss);
  LineChart accuracy = ChartOf(rows, "query accuracy", &HistoryRow::accuracy);
  accuracy.percent = true;
  return absl::StrCat("<h2>Training</h2>\n<div class=\"curves\">\n", ToSvg(loss), ToSvg(accuracy),
                      "</div>\n<p class=\"note\">Of the queries of training tasks after adaptation",
                      every > 1 ? absl::StrCat("; means over ", every, " steps") : "", ".</p>\n");
}

std::string PublishedCell(const v1::PublishedResult* published, const std::string& metric) {
  if (published == nullptr) return "";
  return absl::StrCat(FormatScore(metric, published->value(), published->ci95()),
                      "<br><span class=\"source\">", EscapeHtml(published->source()), "</span>");
}

std::string LabelOf(const v1::Evaluation& evaluation, const v1::EvaluationResult& result) {
  const std::string steps = result.inner_steps() == 0
                                ? ""
                                : absl::StrCat(", ", result.inner_steps(),
                                               result.inner_steps() == 1 ? " step" : " steps");
  return absl::StrCat(TaskName(evaluation.spec()), ", ",
                      Lower(v1::PredictionMode_Name(result.mode())), steps);
}

std::vector<std::string> ResultRow(const v1::Evaluation& evaluation,
                                   const v1::EvaluationResult& result, const v1::JobSpec& spec) {
  return {LabelOf(evaluation, result),
          Lower(v1::Split_Name(result.split())),
          absl::StrCat(evaluation.step()),
          absl::StrCat(result.tasks()),
          EscapeHtml(result.metric()),
          FormatScore(result.metric(), result.mean(), result.ci95()),
          PublishedCell(FindPublished(evaluation, result, spec), result.metric())};
}

ChartedInterval ChartedOf(const v1::Evaluation& evaluation, const v1::EvaluationResult& result,
                          const v1::JobSpec& spec) {
  ChartedInterval charted{
      .label = LabelOf(evaluation, result), .own = {result.mean(), result.ci95()}, .published = {}};
  const v1::PublishedResult* published = FindPublished(evaluation, result, spec);
  if (published != nullptr) charted.published = {published->value(), published->ci95()};
  return charted;
}

std::string Results(const v1::Job& job) {
  std::vector<std::vector<std::string>> rows;
  std::vector<ChartedInterval> charted;
  bool percent = false;
  for (const v1::Evaluation& evaluation : job.evaluations()) {
    for (const v1::EvaluationResult& result : evaluation.results()) {
      rows.push_back(ResultRow(evaluation, result, job.spec()));
      percent = result.metric() == "accuracy";
      if (std::isfinite(result.mean()) && std::isfinite(result.ci95())) {
        charted.push_back(ChartedOf(evaluation, result, job.spec()));
      }
    }
  }
  if (rows.empty()) return "";
  return absl::StrCat(
      "<h2>Results</h2>\n",
      HtmlTable({"tasks", "split", "step", "number", "metric", "mean ± 95 %", "published"}, rows,
                /*first_number=*/2),
      "<div class=\"scroll\">\n", IntervalChart(charted, percent), "</div>\n",
      "<p class=\"note\">Intervals are of the mean over independent tasks, by Student's t. "
      "<span class=\"own-key\">● this job</span> "
      "<span class=\"published-key\">○ published</span></p>\n");
}

std::string Checkpoints(const v1::Job& job) {
  std::vector<std::vector<std::string>> rows;
  for (const v1::Checkpoint& checkpoint : job.checkpoints()) {
    rows.push_back({absl::StrCat(checkpoint.step(), checkpoint.best() ? " (best)" : ""),
                    Code(checkpoint.parameters_sha256()),
                    checkpoint.has_loss() ? FormatNumber(checkpoint.loss()) : "",
                    FormatBytes(checkpoint.size_bytes())});
  }
  if (rows.empty()) return "";
  return absl::StrCat(
      "<h2>Checkpoints</h2>\n",
      HtmlTable({"step", "parameters", "training loss", "size"}, rows, /*first_number=*/2));
}

std::string Reproduction(const v1::Job& job) {
  return absl::StrCat(
      "<h2>The same again</h2>\n<p>Save the specification below as <code>job.yaml</code>:</p>\n",
      "<pre>outerloop submit job.yaml --wait</pre>\n<p class=\"note\">With the same data set and "
      "workers of the same numerics, any number of them, the parameters have the same digest."
      "</p>\n<h2>Specification</h2>\n<pre>",
      EscapeHtml(MessageToYaml(job.spec())), "</pre>\n");
}

}  // namespace

std::string JobPage(const v1::Job& job, std::span<const v1::StepMetrics> steps,
                    const SampledEvaluation& sampled, std::span<const v1::JobEvent> events,
                    absl::Time written) {
  return absl::StrCat(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
      EscapeHtml(job.spec().name()), " — outerloop</title>\n<style>", kPageStyle, kEpisodeStyle,
      "</style>\n</head>\n<body>\n", Header(job, written), Facts(job), Results(job),
      EpisodeSection(sampled.evaluation, sampled.samples), Curves(steps), Checkpoints(job),
      EventSection(events, FromTimestamp(job.created())), Reproduction(job), "</body>\n</html>\n");
}

}  // namespace outerloop::client
