#include "client/sweep_report.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

void Set(v1::TrialSpec& trial, const std::string& path, const std::string& value) {
  v1::Setting& setting = *trial.add_settings();
  setting.set_path(path);
  setting.set_value(value);
}

void Score(v1::Trial& trial, uint64_t step, const std::string& metric, double mean) {
  v1::RungScore& score = *trial.add_scores();
  score.set_step(step);
  score.mutable_result()->set_metric(metric);
  score.mutable_result()->set_mean(mean);
  score.mutable_result()->set_ci95(0.02);
  score.mutable_result()->set_tasks(100);
}

// Four trials: 2 has come furthest, 1 and 0 once scored, 3 has failed.
v1::Sweep MakeSweep(const std::string& metric) {
  v1::Sweep sweep;
  sweep.set_sweep_id("sweep-1");
  sweep.set_state(v1::SWEEP_RUNNING);
  sweep.mutable_spec()->set_name("rates");
  for (int i = 0; i < 4; ++i) {
    v1::TrialSpec& spec = *sweep.mutable_spec()->add_trials();
    spec.mutable_job()->mutable_training()->set_steps(90);
    Set(spec, "meta_optimizer.adam.rate", absl::StrCat("0.", i));
    v1::Trial& trial = *sweep.add_trials();
    trial.set_job_id(absl::StrCat("sweep-1-", i));
    trial.set_step(30);
    trial.set_state(v1::TRIAL_WAITING);
  }
  Score(*sweep.mutable_trials(0), 30, metric, 0.7);
  Score(*sweep.mutable_trials(1), 30, metric, 0.5);
  Score(*sweep.mutable_trials(2), 30, metric, 0.6);
  Score(*sweep.mutable_trials(2), 90, metric, 0.1);
  sweep.mutable_trials(2)->set_state(v1::TRIAL_FINISHED);
  sweep.mutable_trials(3)->set_state(v1::TRIAL_FAILED);
  sweep.mutable_trials(3)->set_reason("its job failed");
  return sweep;
}

// The lines of trials, by trial.
std::vector<std::string> TrialsInOrder(const std::string& report) {
  std::vector<std::string> trials;
  for (const absl::string_view line : absl::StrSplit(report, '\n')) {
    if (!absl::StrContains(line, "/90")) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, ' ', absl::SkipEmpty());
    trials.push_back(cells[0] == "*" ? cells[0] + cells[1] : cells[0]);
  }
  return trials;
}

TEST(SweepReportTest, ListsTheFurthestFirstAndOfThoseTheBest) {
  EXPECT_THAT(TrialsInOrder(SweepReport(MakeSweep("mse"))), ElementsAre("2", "1", "0", "3"));
  EXPECT_THAT(TrialsInOrder(SweepReport(MakeSweep("accuracy"))), ElementsAre("2", "0", "1", "3"));
}

TEST(SweepReportTest, ShowsSettingsScoresAndStates) {
  const std::string report = SweepReport(MakeSweep("mse"));
  EXPECT_THAT(report, HasSubstr("sweep sweep-1 (rates) is RUNNING"));
  EXPECT_THAT(report, HasSubstr("TRIAL  rate  STEPS  SCORED AT  SCORE"));
  EXPECT_THAT(report, HasSubstr("0.5 ± 0.02"));
  EXPECT_THAT(report, HasSubstr("its job failed"));
  EXPECT_THAT(report, Not(HasSubstr("the best is")));
}

TEST(SweepReportTest, ShowsTheBestAndItsEvaluations) {
  v1::Sweep sweep = MakeSweep("mse");
  sweep.set_best(2);
  v1::Evaluation& evaluation = *sweep.add_evaluations();
  evaluation.set_state(v1::EVALUATION_DONE);
  v1::EvaluationResult& result = *evaluation.add_results();
  result.set_split(v1::TEST);
  result.set_metric("mse");
  result.set_mean(0.345);
  const std::string report = SweepReport(sweep);
  EXPECT_THAT(TrialsInOrder(report), ElementsAre("*2", "1", "0", "3"));
  EXPECT_THAT(report, HasSubstr("the best is trial 2, job sweep-1-2"));
  EXPECT_THAT(report, HasSubstr("0.345"));
}

TEST(SweepReportTest, NamesAxesInFullWhereTheirLastPartsAreTheSame) {
  v1::Sweep sweep = MakeSweep("mse");
  for (v1::TrialSpec& trial : *sweep.mutable_spec()->mutable_trials()) {
    Set(trial, "other.rate", "1");
    Set(trial, "training.seed", "2");
  }
  EXPECT_THAT(TrialTable(sweep.spec()), HasSubstr("meta_optimizer.adam.rate  other.rate  seed"));
}

TEST(SweepReportTest, SaysInOneLineHowFarItIs) {
  const ProgressLine line = SweepLine(MakeSweep("mse"));
  EXPECT_EQ(line.label, "RUNNING");
  EXPECT_EQ(line.done, 2u);
  EXPECT_EQ(line.total, 4u);
  EXPECT_EQ(line.count, "2/4 trials");
  EXPECT_THAT(line.fields, ElementsAre("2 waiting", "trial 2 leads: 0.1 ± 0.02"));
}

TEST(SweepReportTest, GivesProgramsStableNames) {
  v1::Sweep sweep = MakeSweep("mse");
  const Json running = SweepToJson(sweep);
  EXPECT_TRUE(running["best"].is_null());
  EXPECT_TRUE(running["finished"].is_null());
  sweep.set_best(2);
  sweep.set_state(v1::SWEEP_SUCCEEDED);
  const Json json = SweepToJson(sweep);
  EXPECT_EQ(json["state"], "SUCCEEDED");
  EXPECT_EQ(json["best"], 2);
  const Json& trial = json["trials"][2];
  EXPECT_EQ(trial["job_id"], "sweep-1-2");
  EXPECT_EQ(trial["state"], "FINISHED");
  EXPECT_EQ(trial["settings"]["meta_optimizer.adam.rate"], "0.2");
  EXPECT_EQ(trial["scores"][1]["step"], 90);
  EXPECT_EQ(trial["scores"][1]["mean"], 0.1);
}

}  // namespace
}  // namespace outerloop::client
