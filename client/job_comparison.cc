#include "client/job_comparison.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/job_report.h"
#include "client/terminal/table.h"
#include "common/status_macros.h"
#include "data/episode_sizes.h"
#include "google/protobuf/util/message_differencer.h"

namespace outerloop::client {
namespace {

using google::protobuf::util::MessageDifferencer;

absl::Status Differ(const std::string& field) {
  return absl::FailedPreconditionError(
      absl::StrCat("the jobs cannot be compared task by task: ", field, " differs"));
}

// The episode with sizes that do not matter: an evaluation gives its own.
v1::Episode WithoutSizes(const v1::Episode& episode) {
  v1::EvaluationSpec sizes;
  sizes.set_ways(2);
  sizes.set_shots(1);
  sizes.set_queries(1);
  return data::EvaluatedEpisode(sizes, episode);
}

// The series of `mode` with the most inner steps; null if there is none.
const v1::ScoreSeries* LastOf(v1::PredictionMode mode, std::span<const v1::ScoreSeries> all) {
  const v1::ScoreSeries* last = nullptr;
  for (const v1::ScoreSeries& series : all) {
    const bool later = last == nullptr || series.inner_steps() > last->inner_steps();
    if (series.mode() == mode && later) last = &series;
  }
  return last;
}

absl::Status CheckComparable(const v1::ScoreSeries& first, const v1::ScoreSeries& second) {
  if (first.metric() != second.metric()) {
    return Differ(absl::StrCat("the metric (", first.metric(), ", ", second.metric(), ")"));
  }
  if (first.scores_size() == second.scores_size() && first.scores_size() > 0) {
    return absl::OkStatus();
  }
  return Differ(
      absl::StrCat("the number of tasks (", first.scores_size(), ", ", second.scores_size(), ")"));
}

MeanAndInterval SummaryOf(const v1::ScoreSeries& series) {
  return Summarise(std::vector<double>(series.scores().begin(), series.scores().end()));
}

MeanAndInterval DifferenceOf(const v1::ScoreSeries& first, const v1::ScoreSeries& second) {
  std::vector<double> differences;
  for (int task = 0; task < first.scores_size(); ++task) {
    differences.push_back(double{first.scores(task)} - double{second.scores(task)});
  }
  return Summarise(differences);
}

Comparison CompareSeries(const v1::ScoreSeries& first, const v1::ScoreSeries& second) {
  return {.mode = first.mode(),
          .metric = first.metric(),
          .tasks = static_cast<uint64_t>(first.scores_size()),
          .first_inner_steps = first.inner_steps(),
          .second_inner_steps = second.inner_steps(),
          .first = SummaryOf(first),
          .second = SummaryOf(second),
          .difference = DifferenceOf(first, second)};
}

Json SummaryToJson(const MeanAndInterval& summary) {
  return {{"mean", summary.mean}, {"ci95", summary.ci95}};
}

Json SideToJson(uint32_t inner_steps, const MeanAndInterval& summary) {
  return {{"inner_steps", inner_steps}, {"mean", summary.mean}, {"ci95", summary.ci95}};
}

std::string FormatDifference(const Comparison& comparison) {
  const MeanAndInterval& difference = comparison.difference;
  const std::string text = FormatScore(comparison.metric, difference.mean, difference.ci95);
  return difference.mean > 0 ? absl::StrCat("+", text) : text;
}

std::string FormatInnerSteps(const Comparison& comparison) {
  if (comparison.first_inner_steps == comparison.second_inner_steps) {
    return absl::StrCat(comparison.first_inner_steps);
  }
  return absl::StrCat(comparison.first_inner_steps, ", ", comparison.second_inner_steps);
}

}  // namespace

absl::Status CheckSameTasks(const v1::Job& first, const v1::Job& second) {
  const v1::DatasetRef& data = first.spec().dataset();
  const v1::DatasetRef& other = second.spec().dataset();
  // Data sets that are drawn on the spot have no digest.
  const bool same_data = first.dataset_sha256() == second.dataset_sha256() &&
                         (!first.dataset_sha256().empty() || data.name() == other.name());
  if (!same_data) {
    return Differ(absl::StrCat("the data set (", data.name(), ", ", other.name(), ")"));
  }
  if (!MessageDifferencer::Equals(data.split(), other.split())) return Differ("dataset.split");
  if (!MessageDifferencer::Equals(WithoutSizes(first.spec().episode()),
                                  WithoutSizes(second.spec().episode()))) {
    return Differ("episode, and not in ways, shots and queries alone,");
  }
  return absl::OkStatus();
}

v1::EvaluationSpec SameTasks(const v1::EvaluationSpec& completed, const v1::EvaluationSpec& asked) {
  v1::EvaluationSpec spec = completed;
  *spec.mutable_inner_steps() = asked.inner_steps();
  return spec;
}

absl::StatusOr<std::vector<Comparison>> Compare(std::span<const v1::ScoreSeries> first,
                                                std::span<const v1::ScoreSeries> second) {
  std::vector<Comparison> comparisons;
  for (const v1::PredictionMode mode : {v1::TRANSDUCTIVE, v1::INDUCTIVE}) {
    const v1::ScoreSeries* one = LastOf(mode, first);
    const v1::ScoreSeries* other = LastOf(mode, second);
    if (one == nullptr || other == nullptr) continue;
    RETURN_IF_ERROR(CheckComparable(*one, *other));
    comparisons.push_back(CompareSeries(*one, *other));
  }
  if (comparisons.empty()) return Differ("the way to predict (transductive or inductive)");
  return comparisons;
}

Json ComparisonsToJson(std::span<const Comparison> comparisons) {
  Json list = Json::array();
  for (const Comparison& comparison : comparisons) {
    list.push_back({{"mode", v1::PredictionMode_Name(comparison.mode)},
                    {"metric", comparison.metric},
                    {"tasks", comparison.tasks},
                    {"first", SideToJson(comparison.first_inner_steps, comparison.first)},
                    {"second", SideToJson(comparison.second_inner_steps, comparison.second)},
                    {"difference", SummaryToJson(comparison.difference)}});
  }
  return list;
}

std::string ComparisonTable(std::span<const Comparison> comparisons, const std::string& first,
                            const std::string& second) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{"MODE"},
               {"INNER STEPS", kRight},
               {"TASKS", kRight},
               {"METRIC"},
               {first, kRight},
               {second, kRight},
               {"DIFFERENCE ± 95%", kRight}});
  for (const Comparison& comparison : comparisons) {
    const std::string& metric = comparison.metric;
    table.AddRow({absl::AsciiStrToLower(v1::PredictionMode_Name(comparison.mode)),
                  FormatInnerSteps(comparison), absl::StrCat(comparison.tasks), metric,
                  FormatScore(metric, comparison.first.mean, comparison.first.ci95),
                  FormatScore(metric, comparison.second.mean, comparison.second.ci95),
                  FormatDifference(comparison)});
  }
  return table.Render();
}

}  // namespace outerloop::client
