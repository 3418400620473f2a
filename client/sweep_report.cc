#include "client/sweep_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/job_report.h"
#include "client/terminal/table.h"

namespace outerloop::client {
namespace {

std::string NameOf(v1::TrialState state) {
  return std::string(absl::StripPrefix(v1::TrialState_Name(state), "TRIAL_"));
}

bool IsOver(v1::TrialState state) {
  return state == v1::TRIAL_STOPPED || state == v1::TRIAL_FINISHED || state == v1::TRIAL_FAILED;
}

const v1::EvaluationResult* LastScore(const v1::Trial& trial) {
  return trial.scores().empty() ? nullptr : &trial.scores().rbegin()->result();
}

// More is better, whatever the metric; what is not a number is the worst.
double Merit(const v1::Trial& trial) {
  const v1::EvaluationResult* score = LastScore(trial);
  if (score == nullptr || std::isnan(score->mean())) return -HUGE_VAL;
  return score->metric() == "mse" ? -score->mean() : score->mean();
}

// Trials by how far they came, then by score, then by number.
std::vector<int> Ranked(const v1::Sweep& sweep) {
  std::vector<int> order(static_cast<size_t>(sweep.trials_size()));
  std::iota(order.begin(), order.end(), 0);
  const auto rank = [&](int trial) {
    const v1::Trial& of = sweep.trials(trial);
    return std::pair(-of.scores_size(), -Merit(of));
  };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return rank(a) < rank(b); });
  return order;
}

// ---- Settings

using Settings = google::protobuf::RepeatedPtrField<v1::Setting>;

std::string LastPart(const std::string& path) { return path.substr(path.rfind('.') + 1); }

// The last part of each path, or all of it where two would be the same.
std::vector<std::string> ShortNames(const Settings& settings) {
  std::multiset<std::string> last;
  for (const v1::Setting& setting : settings) last.insert(LastPart(setting.path()));
  std::vector<std::string> names;
  for (const v1::Setting& setting : settings) {
    const std::string part = LastPart(setting.path());
    names.push_back(last.count(part) == 1 ? part : setting.path());
  }
  return names;
}

std::vector<Table::Column> SettingColumns(const v1::SweepSpec& spec) {
  std::vector<Table::Column> columns = {{"TRIAL", Table::Align::kRight}};
  if (spec.trials().empty()) return columns;
  for (const std::string& name : ShortNames(spec.trials(0).settings())) columns.push_back({name});
  return columns;
}

std::vector<std::string> SettingCells(const v1::SweepSpec& spec, int trial) {
  std::vector<std::string> cells = {absl::StrCat(trial)};
  for (const v1::Setting& setting : spec.trials(trial).settings()) cells.push_back(setting.value());
  return cells;
}

Json SettingsToJson(const v1::SweepSpec& spec, int trial) {
  Json json = Json::object();
  if (trial >= spec.trials_size()) return json;  // Of a list of sweeps.
  for (const v1::Setting& setting : spec.trials(trial).settings()) {
    json[setting.path()] = setting.value();
  }
  return json;
}

// ---- Trials

Json ScoreToJson(const v1::RungScore& score) {
  const v1::EvaluationResult& result = score.result();
  return {{"step", score.step()},
          {"metric", result.metric()},
          {"mean", result.mean()},
          {"ci95", result.ci95()},
          {"tasks", result.tasks()}};
}

Json TrialToJson(const v1::Sweep& sweep, int number) {
  const v1::Trial& trial = sweep.trials(number);
  Json scores = Json::array();
  for (const v1::RungScore& score : trial.scores()) scores.push_back(ScoreToJson(score));
  return {{"trial", number},
          {"job_id", trial.job_id()},
          {"state", NameOf(trial.state())},
          {"reason", trial.reason()},
          {"step", trial.step()},
          {"job_state", v1::JobState_Name(trial.job_state())},
          {"settings", SettingsToJson(sweep.spec(), number)},
          {"scores", scores}};
}

std::string Steps(const v1::Sweep& sweep, int trial) {
  return absl::StrCat(sweep.trials(trial).step(), "/",
                      sweep.spec().trials(trial).job().training().steps());
}

std::string ScoreText(const v1::Trial& trial) {
  const v1::EvaluationResult* score = LastScore(trial);
  return score == nullptr ? "" : FormatScore(score->metric(), score->mean(), score->ci95());
}

std::string TrialsTable(const v1::Sweep& sweep) {
  std::vector<Table::Column> columns = SettingColumns(sweep.spec());
  columns.insert(columns.begin(), {""});
  for (const char* title : {"STEPS", "SCORED AT", "SCORE", "STATE", "REASON"}) {
    columns.push_back({title});
  }
  Table table(columns);
  for (const int trial : Ranked(sweep)) {
    const v1::Trial& of = sweep.trials(trial);
    std::vector<std::string> row = SettingCells(sweep.spec(), trial);
    const bool best = sweep.has_best() && static_cast<int>(sweep.best()) == trial;
    row.insert(row.begin(), best ? "*" : "");
    const std::string scored_at =
        of.scores().empty() ? "" : absl::StrCat(of.scores().rbegin()->step());
    for (const std::string& cell :
         {Steps(sweep, trial), scored_at, ScoreText(of), NameOf(of.state()), of.reason()}) {
      row.push_back(cell);
    }
    table.AddRow(row);
  }
  return table.Render();
}

std::vector<const v1::Evaluation*> FinalEvaluations(const v1::Sweep& sweep) {
  std::vector<const v1::Evaluation*> evaluations;
  for (const v1::Evaluation& evaluation : sweep.evaluations()) evaluations.push_back(&evaluation);
  return evaluations;
}

v1::JobSpec BestJob(const v1::Sweep& sweep) {
  const int best = static_cast<int>(sweep.best());
  return best < sweep.spec().trials_size() ? sweep.spec().trials(best).job() : v1::JobSpec();
}

}  // namespace

Json SweepToJson(const v1::Sweep& sweep) {
  Json trials = Json::array();
  for (int i = 0; i < sweep.trials_size(); ++i) trials.push_back(TrialToJson(sweep, i));
  const Json message = MessageToJson(sweep, JsonFields::kSet);
  const auto time = [&](const char* name) {
    return message.contains(name) ? message[name] : Json(nullptr);
  };
  return {{"sweep_id", sweep.sweep_id()},
          {"name", sweep.spec().name()},
          {"state", StateName(sweep.state())},
          {"reason", sweep.reason()},
          {"best", sweep.has_best() ? Json(sweep.best()) : Json(nullptr)},
          {"created", time("created")},
          {"finished", time("finished")},
          {"trials", trials},
          {"evaluations", EvaluationsToJson(FinalEvaluations(sweep), BestJob(sweep))}};
}

std::string SweepReport(const v1::Sweep& sweep) {
  std::string report = absl::StrCat("sweep ", sweep.sweep_id(), " (", sweep.spec().name(), ") is ",
                                    StateName(sweep.state()), sweep.reason().empty() ? "" : ": ",
                                    sweep.reason(), "\n\n", TrialsTable(sweep));
  if (!sweep.has_best()) return report;
  absl::StrAppend(&report, "\nthe best is trial ", sweep.best(), ", job ",
                  sweep.trials(static_cast<int>(sweep.best())).job_id(), "\n");
  const std::string results = ResultTable(FinalEvaluations(sweep), BestJob(sweep));
  return results.empty() ? report : absl::StrCat(report, "\n", results);
}

std::string TrialTable(const v1::SweepSpec& spec) {
  Table table(SettingColumns(spec));
  for (int i = 0; i < spec.trials_size(); ++i) table.AddRow(SettingCells(spec, i));
  return table.Render();
}

ProgressLine SweepLine(const v1::Sweep& sweep) {
  ProgressLine line;
  line.label = StateName(sweep.state());
  line.total = static_cast<uint64_t>(sweep.trials_size());
  for (const v1::TrialState state : {v1::TRIAL_TRAINING, v1::TRIAL_SCORING, v1::TRIAL_WAITING}) {
    const auto count = std::count_if(sweep.trials().begin(), sweep.trials().end(),
                                     [state](const auto& trial) { return trial.state() == state; });
    if (count == 0) continue;
    line.fields.push_back(absl::StrCat(count, " ", absl::AsciiStrToLower(NameOf(state))));
  }
  for (const v1::Trial& trial : sweep.trials()) line.done += IsOver(trial.state()) ? 1 : 0;
  line.count = absl::StrCat(line.done, "/", line.total, " trials");
  const int leader = sweep.trials().empty() ? -1 : Ranked(sweep).front();
  if (leader >= 0 && !sweep.trials(leader).scores().empty()) {
    line.fields.push_back(
        absl::StrCat("trial ", leader, " leads: ", ScoreText(sweep.trials(leader))));
  }
  return line;
}

std::string StateName(v1::SweepState state) {
  return std::string(absl::StripPrefix(v1::SweepState_Name(state), "SWEEP_"));
}

bool HasEnded(v1::SweepState state) {
  return state == v1::SWEEP_SUCCEEDED || state == v1::SWEEP_FAILED || state == v1::SWEEP_CANCELLED;
}

}  // namespace outerloop::client
