// What has happened to a job, told by a running cluster.
#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSubsetOf;

std::vector<v1::JobEvent> Of(const std::vector<v1::JobEvent>& events, v1::JobEvent::Kind kind) {
  std::vector<v1::JobEvent> some;
  std::copy_if(events.begin(), events.end(), std::back_inserter(some),
               [kind](const v1::JobEvent& event) { return event.kind() == kind; });
  return some;
}

std::vector<v1::JobEvent::Kind> KindsOf(const std::vector<v1::JobEvent>& events) {
  std::vector<v1::JobEvent::Kind> kinds;
  for (const v1::JobEvent& event : events) kinds.push_back(event.kind());
  return kinds;
}

std::vector<uint64_t> NumbersOf(const std::vector<v1::JobEvent>& events) {
  std::vector<uint64_t> numbers;
  for (const v1::JobEvent& event : events) numbers.push_back(event.number());
  return numbers;
}

std::string IdOf(Cluster& cluster, pid_t pid) {
  const std::vector<v1::WorkerStatus> workers = *cluster.client().ListWorkers();
  for (const v1::WorkerStatus& worker : workers) {
    if (worker.pid() == pid) return worker.worker_id();
  }
  return "";
}

TEST(Events, NameTheWorkerThatWasKilledAndSayHowLongTheRecoveryTook) {
  Cluster cluster;
  cluster.StartWorker();
  Process& victim = cluster.StartWorker();
  cluster.AwaitWorkers(2);
  const std::string victim_id = IdOf(cluster, victim.pid());
  v1::JobSpec spec = SmallMamlJob("recovers", 200);
  spec.mutable_workers()->set_min(2);
  const std::string job_id = cluster.Submit(spec);
  const v1::Job job = cluster.Finish(job_id, [&](uint64_t step) {
    if (step != 20) return;
    victim.Kill();
    cluster.StartWorker();
  });
  ASSERT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  const std::vector<v1::JobEvent> events = *cluster.client().ListEvents(job_id);

  const auto lost = Of(events, v1::JobEvent::WORKER_LOST);
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_THAT(lost[0].workers(), ElementsAre(victim_id));
  EXPECT_EQ(lost[0].cause(), "connection");
  EXPECT_GE(lost[0].step(), 20u);
  const auto recovered = Of(events, v1::JobEvent::RECOVERED);
  ASSERT_EQ(recovered.size(), 1u);
  EXPECT_GT(recovered[0].seconds(), 0);
  EXPECT_EQ(recovered[0].step(), lost[0].step() + 1);
  EXPECT_EQ(Of(events, v1::JobEvent::WORKER_JOINED).size(), 1u);
  EXPECT_EQ(events.front().kind(), v1::JobEvent::SUBMITTED);
  EXPECT_EQ(events.back().kind(), v1::JobEvent::SUCCEEDED);
  EXPECT_LT(events.size(), 20u) << "steps without incident are no events";

  ASSERT_TRUE(cluster.client().DeleteJob(job_id).ok());
  EXPECT_TRUE(absl::IsNotFound(cluster.client().ListEvents(job_id).status()));
}

TEST(Events, OutliveTheCoordinatorAndReachTheirWatcherOnceEach) {
  Cluster cluster;
  cluster.StartWorker();
  const std::string job_id = cluster.Submit(SmallMamlJob("outlives", 300));
  std::vector<v1::JobEvent> watched;
  const auto watch = [&](const v1::JobEvent& event) {
    watched.push_back(event);
    if (event.kind() != v1::JobEvent::FIRST_STEP) return;
    cluster.KillCoordinator();
    cluster.StartCoordinator();
  };
  ASSERT_TRUE(cluster.client().WatchEvents(job_id, /*after_number=*/0, watch).ok());
  std::vector<uint64_t> numbers;
  for (uint64_t number = 1; number <= watched.size(); ++number) numbers.push_back(number);
  EXPECT_EQ(NumbersOf(watched), numbers);
  EXPECT_THAT((std::vector{v1::JobEvent::GROUP_FORMED, v1::JobEvent::FIRST_STEP,
                           v1::JobEvent::COORDINATOR_RESTARTED, v1::JobEvent::SUCCEEDED}),
              IsSubsetOf(KindsOf(watched)));
  EXPECT_EQ(NumbersOf(*cluster.client().ListEvents(job_id)), numbers);
}

}  // namespace
}  // namespace outerloop::tests
