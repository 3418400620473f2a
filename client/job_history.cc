#include "client/job_history.h"

#include "absl/strings/str_cat.h"

namespace outerloop::client {
namespace {

// The mean of values that may be none.
class Mean {
 public:
  void Add(double value) {
    sum_ += value;
    ++count_;
  }
  std::optional<double> value() const {
    if (count_ == 0) return std::nullopt;
    return sum_ / static_cast<double>(count_);
  }

 private:
  double sum_ = 0;
  uint64_t count_ = 0;
};

// Of at least one step.
HistoryRow Summarize(std::span<const v1::StepMetrics> steps) {
  Mean loss, accuracy, seconds;
  HistoryRow row;
  row.step = steps.back().step();
  for (const v1::StepMetrics& step : steps) {
    seconds.Add(step.seconds());
    row.skipped += step.skipped();
    if (step.skipped()) continue;
    loss.Add(step.loss());
    if (step.has_accuracy()) accuracy.Add(step.accuracy());
  }
  row.loss = loss.value();
  row.accuracy = accuracy.value();
  row.seconds = *seconds.value();
  return row;
}

Json NumberToJson(std::optional<double> number) { return number ? Json(*number) : Json(nullptr); }

// JSON's numbers are the shortest that are read back as they were.
std::string NumberToCsv(std::optional<double> number) {
  return number ? Json(*number).dump() : std::string();
}

}  // namespace

std::vector<HistoryRow> SummarizeHistory(std::span<const v1::StepMetrics> steps, uint64_t every) {
  std::vector<HistoryRow> rows;
  size_t first = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool is_last = i + 1 == steps.size();
    if (!is_last && (steps[i + 1].step() - 1) / every == (steps[i].step() - 1) / every) continue;
    rows.push_back(Summarize(steps.subspan(first, i + 1 - first)));
    first = i + 1;
  }
  return rows;
}

uint64_t StretchFor(std::span<const v1::StepMetrics> steps, uint64_t points) {
  if (steps.empty()) return 1;
  const uint64_t first = steps.front().step() - 1, last = steps.back().step() - 1;
  uint64_t every = (last - first) / points + 1;
  // Stretches begin at multiples, wherever the first step is: that may make one row more.
  while (last / every - first / every >= points) ++every;
  return every;
}

std::string HistoryToCsv(std::span<const HistoryRow> rows) {
  std::string csv = "step,loss,accuracy,seconds,skipped\n";
  for (const HistoryRow& row : rows) {
    absl::StrAppend(&csv, row.step, ",", NumberToCsv(row.loss), ",", NumberToCsv(row.accuracy), ",",
                    NumberToCsv(row.seconds), ",", row.skipped, "\n");
  }
  return csv;
}

Json HistoryToJson(std::span<const HistoryRow> rows) {
  Json json = Json::array();
  for (const HistoryRow& row : rows) {
    json.push_back({{"step", row.step},
                    {"loss", NumberToJson(row.loss)},
                    {"accuracy", NumberToJson(row.accuracy)},
                    {"seconds", row.seconds},
                    {"skipped", row.skipped}});
  }
  return json;
}

}  // namespace outerloop::client
