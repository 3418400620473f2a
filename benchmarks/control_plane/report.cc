#include "benchmarks/control_plane/report.h"

#include <functional>

#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace outerloop::control_plane {
namespace {

using nlohmann::json;

double Ms(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

std::string Quantiles(const LatencySummary& summary) {
  if (summary.count == 0) return "-";
  return absl::StrFormat("%.1f / %.1f / %.0f ms", Ms(summary.p50), Ms(summary.p99),
                         Ms(summary.max));
}

std::string Groups(const Scenario& scenario) {
  return scenario.group_size == 0
             ? "1"
             : absl::StrFormat("%d of %d", scenario.jobs(), scenario.group_size);
}

struct Line {
  const char* name;
  std::function<std::string(const Result&)> value;
};

const std::vector<Line>& Lines() {
  static const auto* lines = new std::vector<Line>{
      {"workers", [](const Result& r) { return absl::StrFormat("%d", r.scenario.workers); }},
      {"groups", [](const Result& r) { return Groups(r.scenario); }},
      {"step time", [](const Result& r) { return absl::FormatDuration(r.scenario.step_time); }},
      {"all connected after",
       [](const Result& r) { return absl::StrFormat("%.0f ms", Ms(r.connect)); }},
      {"all training after",
       [](const Result& r) { return absl::StrFormat("%.0f ms", Ms(r.start)); }},
      {"steps/s (ideal)",
       [](const Result& r) {
         return absl::StrFormat("%.1f (%.1f)", r.steps_per_second, r.ideal_steps_per_second);
       }},
      {"plans/s", [](const Result& r) { return absl::StrFormat("%.0f", r.plans_per_second); }},
      {"plan delivery, p50 / p99 / max", [](const Result& r) { return Quantiles(r.delivery); }},
      {"GetJob", [](const Result& r) { return Quantiles(r.get_job); }},
      {"ListJobs", [](const Result& r) { return Quantiles(r.list_jobs); }},
      {"ListWorkers", [](const Result& r) { return Quantiles(r.list_workers); }},
      {"re-forming without a worker", [](const Result& r) { return Quantiles(r.reform); }},
      {"taking it back", [](const Result& r) { return Quantiles(r.rejoin); }},
      {"coordinator, cores",
       [](const Result& r) { return absl::StrFormat("%.2f", r.coordinator_cpu); }},
      {"simulated workers, cores",
       [](const Result& r) { return absl::StrFormat("%.2f", r.generator_cpu); }},
      {"coordinator, peak memory",
       [](const Result& r) {
         return absl::StrFormat("%.0f MB", static_cast<double>(r.peak_bytes) / 1e6);
       }},
      {"lost workers, failed calls, early plans",
       [](const Result& r) {
         return absl::StrFormat("%d, %d, %d", r.lost_workers, r.failed_calls, r.early_plans);
       }},
  };
  return *lines;
}

json ToJson(const LatencySummary& summary) {
  return {{"count", summary.count},
          {"p50", absl::ToDoubleSeconds(summary.p50)},
          {"p99", absl::ToDoubleSeconds(summary.p99)},
          {"max", absl::ToDoubleSeconds(summary.max)}};
}

json ToJson(const Result& result) {
  const Scenario& scenario = result.scenario;
  return {{"workers", scenario.workers},
          {"jobs", scenario.jobs()},
          {"dataset", scenario.dataset},
          {"step_time", absl::ToDoubleSeconds(scenario.step_time)},
          {"duration", absl::ToDoubleSeconds(scenario.duration)},
          {"connect", absl::ToDoubleSeconds(result.connect)},
          {"start", absl::ToDoubleSeconds(result.start)},
          {"steps_per_second", result.steps_per_second},
          {"ideal_steps_per_second", result.ideal_steps_per_second},
          {"plans_per_second", result.plans_per_second},
          {"plan_delivery", ToJson(result.delivery)},
          {"get_job", ToJson(result.get_job)},
          {"list_jobs", ToJson(result.list_jobs)},
          {"list_workers", ToJson(result.list_workers)},
          {"reform", ToJson(result.reform)},
          {"rejoin", ToJson(result.rejoin)},
          {"coordinator_cores", result.coordinator_cpu},
          {"generator_cores", result.generator_cpu},
          {"coordinator_peak_bytes", result.peak_bytes},
          {"coordinator_resident_bytes", result.resident_bytes},
          {"lost_workers", result.lost_workers},
          {"failed_calls", result.failed_calls},
          {"early_plans", result.early_plans}};
}

}  // namespace

std::string ToTable(const std::vector<Result>& results) {
  std::string table;
  for (const Line& line : Lines()) {
    absl::StrAppendFormat(&table, "%-40s", line.name);
    for (const Result& result : results) absl::StrAppendFormat(&table, " %26s", line.value(result));
    table += "\n";
  }
  return table;
}

std::string ToJson(const std::vector<Result>& results) {
  json list = json::array();
  for (const Result& result : results) list.push_back(ToJson(result));
  return list.dump(/*indent=*/2);
}

}  // namespace outerloop::control_plane
