// An upgrade: every process is stopped and started again, one after the other, while a job trains.
#include <signal.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

constexpr uint64_t kSteps = 1'200;

// Digest of the job's parameters when nothing happens to it.
std::string Undisturbed() {
  Cluster cluster;
  cluster.StartWorker(/*threads=*/2);
  const v1::Job job = cluster.Finish(cluster.Submit(SmallMamlJob("undisturbed", kSteps)));
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  return job.parameters_sha256();
}

// Calls the coordinator all the time, as people and autoscalers do. Each call must succeed.
class Caller {
 public:
  Caller(Cluster& cluster, const std::string& job_id)
      : thread_([this, address = cluster.address(), job_id] {
          const auto client = *client::Client::Create(address);
          while (!stop_) {
            EXPECT_TRUE(client->GetJob(job_id).ok());
            EXPECT_TRUE(client->ListWorkers().ok());
            ++rounds_;
          }
        }) {}
  ~Caller() {
    stop_ = true;
    thread_.join();
    EXPECT_GT(rounds_, 0);
  }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> rounds_ = 0;
  std::thread thread_;
};

// As a deployment does it: the old one is told to stop and has ended before the new one starts.
void RestartWorker(Cluster& cluster, size_t i) {
  cluster.worker(i).Signal(SIGTERM);
  EXPECT_EQ(cluster.worker(i).Wait(), 0) << "worker " << i;
  cluster.ReplaceWorker(i);
}

void RestartCoordinator(Cluster& cluster) {
  cluster.coordinator().Signal(SIGTERM);
  EXPECT_EQ(cluster.coordinator().Wait(), 0);
  cluster.StartCoordinator();
}

TEST(RollingRestart, LosesNoStepAndNoBitAndFailsNoCall) {
  Cluster cluster;
  for (int i = 0; i < 3; ++i) cluster.StartWorker();
  cluster.AwaitWorkers(3);
  const std::string job_id = cluster.Submit(SmallMamlJob("rolled", kSteps));
  std::vector<uint64_t> steps;
  v1::Job job;
  {
    const Caller caller(cluster, job_id);
    job = cluster.Finish(job_id, [&](uint64_t step) {
      steps.push_back(step);
      if (step == 100) RestartWorker(cluster, 0);
      if (step == 300) RestartWorker(cluster, 1);
      if (step == 500) {
        // Whoever leaves in peace breaks no group.
        EXPECT_EQ(Total(cluster.ScrapeCoordinator(), "outerloop_recoveries_total"), 0);
        RestartCoordinator(cluster);
      }
      if (step == 800) RestartWorker(cluster, 2);
    });
  }
  ASSERT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  EXPECT_GE(job.generation(), 4u);  // It did not end before the last worker left.
  ASSERT_EQ(steps.size(), kSteps);
  for (uint64_t i = 0; i < kSteps; ++i) EXPECT_EQ(steps[i], i + 1);
  EXPECT_EQ(job.parameters_sha256(), Undisturbed());
}

}  // namespace
}  // namespace outerloop::tests
