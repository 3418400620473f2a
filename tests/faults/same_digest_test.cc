// One job, one digest: over group sizes, reducers, and kill after kill.
#include <cstdio>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/faults/chaos.h"
#include "tests/faults/subject.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

void StartWorkers(Cluster& cluster, size_t count) {
  for (size_t i = 0; i < count; ++i) cluster.StartWorker();
  cluster.AwaitWorkers(count);
}

std::string Name(v1::Reducer reducer) { return reducer == v1::GLOO ? "gloo" : "coordinator"; }

class GroupTest : public testing::TestWithParam<std::tuple<int, v1::Reducer>> {};

TEST_P(GroupTest, EndsWithTheSameParameters) {
  const auto [workers, reducer] = GetParam();
  Cluster cluster;
  ProvideData(cluster);
  StartWorkers(cluster, workers);
  const std::string job_id = cluster.Submit(Subject("group", workers, reducer));
  std::set<v1::Reducer> reducers;
  const auto job = cluster.client().WatchJob(job_id, 0, [&](const v1::WatchJobResponse& update) {
    if (update.job().workers() > 0) reducers.insert(update.job().reducer());
  });
  ASSERT_TRUE(job.ok()) << job.status();
  ExpectUndisturbedResult(*job);
  if (workers == 1) return;  // It needs none.
  EXPECT_EQ(reducers, std::set<v1::Reducer>{reducer});
}

INSTANTIATE_TEST_SUITE_P(All, GroupTest,
                         testing::Combine(testing::Values(1, 2, 3, 4, 8),
                                          testing::Values(v1::COORDINATOR, v1::GLOO)),
                         [](const auto& info) {
                           return absl::StrCat(std::get<0>(info.param), "Workers_",
                                               Name(std::get<1>(info.param)));
                         });

class ChaosTest : public testing::TestWithParam<v1::Reducer> {
 protected:
  // A run under `options` on three to four workers.
  struct Run {
    v1::Job job;
    int workers_killed = 0;
    int coordinators_killed = 0;
  };
  Run Under(const ChaosOptions& options) {
    Cluster cluster;
    ProvideData(cluster);
    StartWorkers(cluster, 4);
    const std::string job_id = cluster.Submit(Subject("chaos", 2, GetParam()));
    Run run;
    {
      Chaos chaos(cluster, options);
      run.job = cluster.Finish(job_id, [&](uint64_t step) { steps_.push_back(step); });
      chaos.Stop();
      run.workers_killed = chaos.workers_killed();
      run.coordinators_killed = chaos.coordinators_killed();
    }
    RecordProperty("workers_killed", run.workers_killed);
    RecordProperty("coordinators_killed", run.coordinators_killed);
    RecordProperty("generations", static_cast<int>(run.job.generation()));
    std::printf("%d workers and %d coordinators killed, %d generations\n", run.workers_killed,
                run.coordinators_killed, static_cast<int>(run.job.generation()));
    return run;
  }
  // The watch went on through it all without a gap or a repeat.
  void ExpectEveryStepOnce(const v1::Job& job) {
    ASSERT_EQ(steps_.size(), job.spec().training().steps());
    for (size_t i = 0; i < steps_.size(); ++i) EXPECT_EQ(steps_[i], i + 1);
  }

  // Small jobs are over too soon for a fault every few seconds.
  const absl::Duration period_ = OnOmniglot() ? absl::Seconds(2) : absl::Milliseconds(700);
  const int kills_ = OnOmniglot() ? 30 : 3;

 private:
  std::vector<uint64_t> steps_;
};

TEST_P(ChaosTest, ARandomWorkerIsKilledAgainAndAgain) {
  const Run run = Under({.worker_period = period_, .seed = 1});
  ExpectUndisturbedResult(run.job);
  ExpectEveryStepOnce(run.job);
  EXPECT_GE(run.workers_killed, kills_);
  EXPECT_GT(run.job.generation(), 1u);
}

TEST_P(ChaosTest, TheCoordinatorIsKilledAgainAndAgain) {
  const Run run = Under({.coordinator_period = period_ * 2, .seed = 2});
  ExpectUndisturbedResult(run.job);
  ExpectEveryStepOnce(run.job);
  EXPECT_GE(run.coordinators_killed, OnOmniglot() ? 10 : 1);
}

TEST_P(ChaosTest, BothAreKilledAgainAndAgain) {
  const Run run = Under({.worker_period = period_, .coordinator_period = period_ * 2.7, .seed = 3});
  ExpectUndisturbedResult(run.job);
  ExpectEveryStepOnce(run.job);
  EXPECT_GE(run.workers_killed, kills_);
  EXPECT_GE(run.coordinators_killed, OnOmniglot() ? 10 : 1);
}

INSTANTIATE_TEST_SUITE_P(All, ChaosTest, testing::Values(v1::COORDINATOR, v1::GLOO),
                         [](const auto& info) { return Name(info.param); });

TEST(Membership, OneEightThreeFiveWorkers) {
  Cluster cluster;
  ProvideData(cluster);
  StartWorkers(cluster, 1);
  const std::string job_id = cluster.Submit(Subject("membership", 1, v1::AUTO));
  size_t killed = 0;
  const v1::Job job = cluster.Finish(job_id, [&](uint64_t step) {
    if (step == 20) {
      while (cluster.worker_count() < 8) cluster.StartWorker();
    } else if (step == 140) {
      for (; killed < 5; ++killed) cluster.worker(killed).Kill();
    } else if (step == 220) {
      cluster.ReplaceWorker(0);
      cluster.ReplaceWorker(1);
    }
  });
  ExpectUndisturbedResult(job);
  EXPECT_GE(job.generation(), 3u);
}

TEST(Membership, AllWorkersAndTheCoordinatorAreKilledAtOnce) {
  Cluster cluster;
  ProvideData(cluster);
  StartWorkers(cluster, 3);
  const std::string job_id = cluster.Submit(Subject("all-at-once", 3, v1::AUTO));
  const v1::Job job = cluster.Finish(job_id, [&](uint64_t step) {
    if (step != 120) return;
    for (size_t i = 0; i < 3; ++i) cluster.worker(i).Kill();
    cluster.KillCoordinator();
    cluster.StartCoordinator();
    for (size_t i = 0; i < 3; ++i) cluster.ReplaceWorker(i);
  });
  ExpectUndisturbedResult(job);
  EXPECT_GE(job.generation(), 2u);
}

// The last checkpoint's own step included: nothing is left to do then but to keep it.
TEST(Forks, FromEveryCheckpointEndWithTheSameParameters) {
  Cluster cluster;
  ProvideData(cluster);
  StartWorkers(cluster, 2);
  const std::string parent = cluster.Submit(Subject("parent", 1, v1::AUTO));
  const v1::Job trained = cluster.Finish(parent);
  ExpectUndisturbedResult(trained);
  ASSERT_EQ(trained.checkpoints_size(), 6);  // Steps 50, 100, .. 300.
  for (const v1::Checkpoint& checkpoint : trained.checkpoints()) {
    if (checkpoint.step() == trained.step()) continue;
    v1::JobSpec spec = Subject(absl::StrCat("from-", checkpoint.step()), 1, v1::AUTO);
    spec.mutable_start_from()->set_job(parent);
    spec.mutable_start_from()->set_step(checkpoint.step());
    uint64_t first = 0;
    const v1::Job job = cluster.Finish(cluster.Submit(spec), [&](uint64_t step) {
      if (first == 0) first = step;
    });
    ExpectUndisturbedResult(job);
    EXPECT_EQ(first, checkpoint.step() + 1);
  }
}

}  // namespace
}  // namespace outerloop::tests
