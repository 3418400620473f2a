// What the coordinator has acknowledged survives it.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/cluster.h"
#include "tests/support/small_disk.h"

namespace outerloop::tests {
namespace {

// All steps on record, as text.
std::string History(client::Client& client, const std::string& job_id) {
  std::string history;
  const auto job = client.WatchJob(job_id, 0, [&](const v1::WatchJobResponse& update) {
    for (const v1::StepMetrics& step : update.steps()) history += step.ShortDebugString() + "\n";
  });
  EXPECT_TRUE(job.ok()) << job.status();
  return history;
}

TEST(Durability, AKilledCoordinatorHasEverythingItAcknowledged) {
  Cluster cluster;
  cluster.StartWorker();
  const std::string finished = cluster.Submit(SmallMamlJob("finished", 25));
  const v1::Job before = cluster.Finish(finished);
  ASSERT_EQ(before.state(), v1::SUCCEEDED) << before.reason();
  const std::string waiting = cluster.Submit([] {
    v1::JobSpec spec = SinusoidJob("waiting", 10);
    spec.mutable_workers()->set_min(9);
    return spec;
  }());
  const std::string history = History(cluster.client(), finished);
  const auto artifacts = cluster.client().ListArtifacts(finished);
  ASSERT_TRUE(artifacts.ok());
  ASSERT_EQ(artifacts->size(), 3u);  // Steps 10, 20 and 25.

  cluster.KillCoordinator();
  cluster.StartCoordinator();

  const auto after = cluster.client().GetJob(finished);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(cluster.client().GetJob(waiting)->state(), v1::QUEUED);
  EXPECT_EQ(cluster.client().ListJobs()->size(), 2u);
  EXPECT_EQ(cluster.client().ListDatasets()->size(), 1u);
  EXPECT_EQ(History(cluster.client(), finished), history);
  for (const v1::Artifact& artifact : *artifacts) {
    const auto downloaded = cluster.client().DownloadArtifact(
        finished, artifact.step(), cluster.folder() / "download", [](uint64_t, uint64_t) {});
    EXPECT_TRUE(downloaded.ok()) << downloaded.status();  // The client checks the digest.
  }
}

TEST(Durability, NoAcknowledgedSubmissionIsLostOrDoubledWhileTheCoordinatorIsKilled) {
  Cluster cluster;
  std::atomic<bool> stop = false;
  std::set<std::string> acknowledged;
  std::thread submitter([&] {
    for (int i = 0; !stop; ++i) {
      const auto job = cluster.client().SubmitJob(SinusoidJob(absl::StrCat("job", i), 10));
      ASSERT_TRUE(job.ok()) << job.status();
      acknowledged.insert(job->spec().name());
    }
  });
  for (int kill = 0; kill < 5; ++kill) {
    const size_t present = cluster.client().ListJobs()->size();
    cluster.KillCoordinator();
    cluster.StartCoordinator();
    // Some were taken in between: this time the kill comes while more are on their way.
    while (cluster.client().ListJobs()->size() < present + 5) {
    }
  }
  stop = true;
  submitter.join();
  cluster.KillCoordinator();
  cluster.StartCoordinator();
  const auto jobs = cluster.client().ListJobs();
  ASSERT_TRUE(jobs.ok());
  std::set<std::string> names;
  for (const v1::Job& job : *jobs) {
    EXPECT_TRUE(names.insert(job.spec().name()).second) << job.spec().name() << " is there twice";
  }
  EXPECT_EQ(names, acknowledged);
}

TEST(Durability, ToldToStopItExitsCleanlyAndTheJobGoesOnWithTheNextOne) {
  Cluster cluster;
  cluster.StartWorker();
  const std::string job_id = cluster.Submit(SmallMamlJob("drained", 40));
  const v1::Job job = cluster.Finish(job_id, [&](uint64_t step) {
    if (step != 10) return;
    cluster.coordinator().Signal(SIGTERM);
    EXPECT_EQ(cluster.coordinator().Wait(), 0);
    cluster.StartCoordinator();
  });
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
}

TEST(Durability, AFullDiskRefusesWithoutLosingAnything) {
  const TestFolder folder;
  const std::string data = folder / "data";
  const SmallDisk disk(data, "4m");
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  {
    Process coordinator({Cluster::Binary("outerloop-coordinator"), "--listen", "localhost:0",
                         "--metrics-port", "0", "--data-dir", data},
                        folder / "log");
    client::ClientOptions options;
    options.retry_for = absl::Seconds(5);
    auto client = client::Client::Create(coordinator.AwaitLine("listening on "), options);
    ASSERT_TRUE(client.ok()) << client.status();
    ASSERT_TRUE((*client)->SubmitJob(SinusoidJob("before", 10)).ok());

    // The strokes do not fit.
    const absl::Status no_room = (*client)->SubmitJob(SmallMamlJob("large", 10)).status();
    EXPECT_EQ(no_room.code(), absl::StatusCode::kResourceExhausted) << no_room;

    // Not a byte is left.
    std::ofstream(data + "/filler") << std::string(8 << 20, 'x');
    const absl::Status full = (*client)->SubmitJob(SinusoidJob("refused", 10)).status();
    EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
    EXPECT_TRUE(coordinator.running());

    std::filesystem::remove(data + "/filler");
    EXPECT_TRUE((*client)->SubmitJob(SinusoidJob("after", 10)).ok());
    const auto jobs = (*client)->ListJobs();
    ASSERT_TRUE(jobs.ok());
    ASSERT_EQ(jobs->size(), 2u);
    EXPECT_EQ(jobs->at(0).spec().name(), "before");
    EXPECT_EQ(jobs->at(1).spec().name(), "after");
    coordinator.Kill();
  }
}

}  // namespace
}  // namespace outerloop::tests
