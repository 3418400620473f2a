// Sweeps by real processes: the same trials go on and the same one is chosen, whatever happens.
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

using ::testing::SizeIs;

constexpr uint64_t kSteps = 540;

// Twelve rates on the sinusoid; a third of the trials go on at step 60, and a third of those at
// 180.
v1::SweepSpec RateSweep(const std::string& name) {
  v1::SweepSpec spec;
  spec.set_name(name);
  for (int i = 0; i < 12; ++i) {
    v1::TrialSpec& trial = *spec.add_trials();
    v1::JobSpec& job = *trial.mutable_job();
    job = SinusoidJob("", kSteps);  // The sweep gives the name.
    job.mutable_meta_optimizer()->mutable_adam()->set_rate(0.0002 * (1 << i % 6));
    job.mutable_training()->set_seed(i / 6);
    job.mutable_workers()->set_max(1);
  }
  spec.mutable_halving()->set_first_steps(60);
  spec.mutable_objective()->mutable_evaluation()->set_tasks(100);
  spec.add_evaluations()->set_tasks(100);
  return spec;
}

class SweepTest : public testing::Test {
 protected:
  SweepTest() {
    for (int i = 0; i < 2; ++i) cluster_.StartWorker();
    cluster_.AwaitWorkers(2);
  }

  std::string Submit(const v1::SweepSpec& spec) {
    const auto sweep = cluster_.client().SubmitSweep(spec);
    EXPECT_TRUE(sweep.ok()) << sweep.status();
    return sweep.ok() ? sweep->sweep_id() : "";
  }
  // Looks at the sweep until it is as wanted, or has ended.
  v1::Sweep Await(const std::string& sweep_id,
                  const std::function<bool(const v1::Sweep&)>& wanted) {
    while (true) {
      const auto sweep = cluster_.client().GetSweep(sweep_id);
      EXPECT_TRUE(sweep.ok()) << sweep.status() << cluster_.Logs();
      if (!sweep.ok() || sweep->state() != v1::SWEEP_RUNNING || wanted(*sweep)) {
        return sweep.value_or(v1::Sweep());
      }
    }
  }
  v1::Sweep Finish(const std::string& sweep_id) {
    return Await(sweep_id, [](const v1::Sweep&) { return false; });
  }
  void RestartCoordinator() {
    cluster_.KillCoordinator();
    cluster_.StartCoordinator();
  }

  Cluster cluster_;
};

// How many trials have so many scores, at least.
int CountScored(const v1::Sweep& sweep, int scores) {
  int count = 0;
  for (const v1::Trial& trial : sweep.trials()) count += trial.scores_size() >= scores ? 1 : 0;
  return count;
}

// Everything that may not depend on what happened on the way: a line for each trial, and the end.
std::vector<std::string> Table(const v1::Sweep& sweep) {
  std::vector<std::string> lines;
  for (const v1::Trial& trial : sweep.trials()) {
    lines.push_back(v1::TrialState_Name(trial.state()));
    for (const v1::RungScore& score : trial.scores()) {
      absl::StrAppend(&lines.back(), " ", score.ShortDebugString());
    }
  }
  lines.push_back(absl::StrCat("best ", sweep.best()));
  for (const v1::Evaluation& evaluation : sweep.evaluations()) {
    lines.push_back(evaluation.parameters_sha256());
    for (const auto& result : evaluation.results()) lines.push_back(result.ShortDebugString());
  }
  return lines;
}

TEST_F(SweepTest, TwelveTrialsEndWithTheSameChoiceWhenTheCoordinatorIsKilledTwice) {
  const v1::Sweep undisturbed = Finish(Submit(RateSweep("undisturbed")));
  ASSERT_EQ(undisturbed.state(), v1::SWEEP_SUCCEEDED) << undisturbed.reason() << cluster_.Logs();
  EXPECT_EQ(CountScored(undisturbed, 1), 12);
  EXPECT_EQ(CountScored(undisturbed, 2), 4);
  EXPECT_EQ(CountScored(undisturbed, 3), 1);
  ASSERT_THAT(undisturbed.evaluations(), SizeIs(1));

  const std::string id = Submit(RateSweep("disturbed"));
  v1::Sweep now = Await(id, [](const v1::Sweep& sweep) { return CountScored(sweep, 1) >= 5; });
  EXPECT_LT(CountScored(now, 1), 12) << "the first kill comes too late to meet the first rung";
  RestartCoordinator();
  now = Await(id, [](const v1::Sweep& sweep) { return CountScored(sweep, 2) >= 1; });
  EXPECT_LT(CountScored(now, 2), 4) << "the second kill comes too late to meet the second rung";
  RestartCoordinator();
  const v1::Sweep disturbed = Finish(id);
  EXPECT_EQ(disturbed.state(), v1::SWEEP_SUCCEEDED) << disturbed.reason() << cluster_.Logs();
  EXPECT_EQ(Table(disturbed), Table(undisturbed));

  // The trials that were let go are ended, the chosen one trained as if nothing had held it.
  const v1::Trial& best = disturbed.trials(static_cast<int>(disturbed.best()));
  for (const v1::Trial& trial : disturbed.trials()) {
    EXPECT_EQ(trial.job_state(), trial.job_id() == best.job_id() ? v1::SUCCEEDED : v1::CANCELLED);
  }
  v1::JobSpec alone = disturbed.spec().trials(static_cast<int>(disturbed.best())).job();
  alone.set_name("alone");
  EXPECT_EQ(cluster_.Finish(cluster_.Submit(alone)).parameters_sha256(),
            disturbed.evaluations(0).parameters_sha256());
}

TEST_F(SweepTest, GoesOnWithoutATrialThatSomebodyCancels) {
  v1::SweepSpec spec = RateSweep("cancelled-trial");
  const std::string id = Submit(spec);
  const v1::Sweep begun =
      Await(id, [](const v1::Sweep& sweep) { return CountScored(sweep, 1) >= 1; });
  for (const v1::Trial& trial : begun.trials()) {
    if (trial.scores().empty()) continue;
    ASSERT_TRUE(cluster_.client().CancelJob(trial.job_id()).ok());
  }
  const v1::Sweep sweep = Finish(id);
  EXPECT_EQ(sweep.state(), v1::SWEEP_SUCCEEDED) << sweep.reason();
  EXPECT_NE(begun.trials(static_cast<int>(sweep.best())).scores_size(), 1)
      << "one that was cancelled was chosen";
}

TEST_F(SweepTest, ACancelledSweepLeavesNoTrialRunning) {
  const std::string id = Submit(RateSweep("cancelled"));
  Await(id, [](const v1::Sweep& sweep) { return CountScored(sweep, 1) >= 2; });
  ASSERT_TRUE(cluster_.client().CancelSweep("cancelled").ok());
  RestartCoordinator();
  const v1::Sweep sweep = Finish(id);
  EXPECT_EQ(sweep.state(), v1::SWEEP_CANCELLED);
  for (const v1::Trial& trial : sweep.trials()) {
    EXPECT_EQ(trial.job_state(), v1::CANCELLED);
    EXPECT_EQ(trial.state(), v1::TRIAL_STOPPED);
  }
}

TEST_F(SweepTest, RefusesWhatTheDataDoesNotHave) {
  v1::SweepSpec spec = RateSweep("bad");
  spec.mutable_trials(3)->mutable_job()->mutable_dataset()->set_name("nowhere");
  spec.mutable_trials(3)->mutable_job()->mutable_episode()->mutable_classification()->set_ways(5);
  const absl::Status refused = cluster_.client().SubmitSweep(spec).status();
  EXPECT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("trials[3].job."));
  EXPECT_THAT(*cluster_.client().ListSweeps(), SizeIs(0));
  EXPECT_THAT(*cluster_.client().ListJobs(), SizeIs(0));
}

TEST_F(SweepTest, AWatchSeesItEndOverARestartAndThenItGoesWithItsJobs) {
  v1::SweepSpec spec = RateSweep("watched");
  spec.mutable_trials()->DeleteSubrange(3, spec.trials_size() - 3);
  const std::string id = Submit(spec);
  uint64_t steps = 0;
  bool restarted = false;
  const auto ended = cluster_.client().WatchSweep("watched", [&](const v1::Sweep& sweep) {
    EXPECT_THAT(sweep.spec().trials(), SizeIs(0));
    steps = sweep.trials(0).step();
    if (steps > 0 && !std::exchange(restarted, true)) RestartCoordinator();
  });
  ASSERT_TRUE(ended.ok()) << ended.status() << cluster_.Logs();
  EXPECT_EQ(ended->state(), v1::SWEEP_SUCCEEDED) << ended->reason();
  EXPECT_TRUE(restarted);
  EXPECT_GT(steps, 0u);
  EXPECT_THAT(ended->evaluations(), SizeIs(1));

  EXPECT_TRUE(cluster_.client().DeleteSweep(id, /*jobs=*/true).ok());
  RestartCoordinator();
  EXPECT_THAT(*cluster_.client().ListSweeps(), SizeIs(0));
  EXPECT_THAT(*cluster_.client().ListJobs(), SizeIs(0));
}

}  // namespace
}  // namespace outerloop::tests
