// What a cluster tells Prometheus while it works, read as Prometheus reads it.
#include <signal.h>

#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

constexpr uint64_t kSteps = 25;

// The coordinator's metrics once the job is counted as ended: gauges follow within 100 ms.
Scraped ScrapeWhenEnded(const Cluster& cluster) {
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (absl::Now() < deadline) {
    Scraped scraped = cluster.ScrapeCoordinator();
    if (scraped["outerloop_jobs{state=\"SUCCEEDED\"}"] == 1) return scraped;
    absl::SleepFor(absl::Milliseconds(20));
  }
  ADD_FAILURE() << "no job that has succeeded";
  return {};
}

TEST(Metrics, TellWhatAJobTook) {
  Cluster cluster;
  cluster.StartWorker();
  const v1::Job job = cluster.Finish(cluster.Submit(SmallMamlJob("watched", kSteps)));
  ASSERT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  Scraped scraped = ScrapeWhenEnded(cluster);
  const auto total = [&](const std::string& name) { return Total(scraped, name); };

  EXPECT_EQ(total("outerloop_jobs"), 1);
  EXPECT_EQ(total("outerloop_steps_total"), kSteps);
  EXPECT_EQ(total("outerloop_tasks_total"), kSteps * job.spec().training().tasks_per_step());
  EXPECT_EQ(total("outerloop_queue_wait_seconds_count"), 1);
  EXPECT_EQ(total("outerloop_group_starts_total"), 1);
  EXPECT_EQ(total("outerloop_recoveries_total"), 0);
  EXPECT_EQ(total("outerloop_digest_mismatch_total"), 0);
  EXPECT_EQ(total("outerloop_worker_demand"), 0);
  EXPECT_EQ(total("outerloop_workers_missing"), 0);
  EXPECT_EQ(scraped["outerloop_workers{device=\"cpu\",state=\"idle\"}"], 1);
  EXPECT_GT(total("outerloop_store_commit_seconds_count"), 0);
  EXPECT_EQ(scraped["outerloop_rpc_total{code=\"OK\",method=\"JobService/SubmitJob\"}"], 1);
  EXPECT_GE(scraped["outerloop_rpc_seconds_count{method=\"JobService/SubmitJob\"}"], 1);

  // The strokes went out, three checkpoints came in.
  double checkpoint_bytes = 0;
  for (const v1::Checkpoint& checkpoint : job.checkpoints()) {
    checkpoint_bytes += static_cast<double>(checkpoint.size_bytes());
  }
  EXPECT_EQ(job.checkpoints_size(), 3);
  EXPECT_EQ(scraped["outerloop_blob_bytes_total{direction=\"in\"}"], checkpoint_bytes);
  EXPECT_GT(scraped["outerloop_blob_bytes_total{direction=\"out\"}"], 0);
  EXPECT_GT(scraped["outerloop_data_disk_bytes{kind=\"size\"}"],
            scraped["outerloop_data_disk_bytes{kind=\"free\"}"]);

  const std::string watched = "{job_name=\"watched\"}";
  EXPECT_EQ(scraped["outerloop_job_step" + watched], kSteps);
  EXPECT_GT(scraped["outerloop_meta_loss" + watched], 0);
  EXPECT_GT(scraped["outerloop_accuracy" + watched], 0);
  EXPECT_FALSE(scraped.contains("outerloop_last_step_timestamp_seconds" + watched));
}

TEST(Metrics, TellWhatAWorkerDid) {
  Cluster cluster;
  cluster.StartWorker();
  const v1::Job job = cluster.Finish(cluster.Submit(SmallMamlJob("watched", kSteps)));
  ASSERT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  Scraped scraped = cluster.ScrapeWorker(0);
  const std::string worker = "outerloop_worker_";
  EXPECT_EQ(scraped[worker + "connected"], 1);
  EXPECT_EQ(scraped[worker + "steps_total"], kSteps);
  EXPECT_EQ(scraped[worker + "tasks_total"], kSteps * job.spec().training().tasks_per_step());
  for (const char* phase : {"plan", "adapt", "reduce", "update"}) {
    const std::string labels = std::string("{phase=\"") + phase + "\"}";
    EXPECT_EQ(scraped[worker + "step_duration_seconds_count" + labels], kSteps) << phase;
    EXPECT_GT(scraped[worker + "step_duration_seconds_sum" + labels], 0) << phase;
  }
  EXPECT_EQ(scraped[worker + "checkpoint_seconds_count"], 3);
  EXPECT_EQ(scraped[worker + "cache_misses_total"], 1);
}

TEST(Metrics, TellWhyAGroupBrokeAndHowLongItTook) {
  Cluster cluster;
  cluster.StartWorker();
  Process& victim = cluster.StartWorker();
  cluster.AwaitWorkers(2);
  v1::JobSpec spec = SmallMamlJob("recovers", 200);
  spec.mutable_workers()->set_min(2);
  const v1::Job job = cluster.Finish(cluster.Submit(spec), [&](uint64_t step) {
    if (step != 20) return;
    victim.Kill();
    cluster.StartWorker();
  });
  ASSERT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  Scraped scraped = ScrapeWhenEnded(cluster);
  EXPECT_EQ(scraped["outerloop_recoveries_total{cause=\"connection\"}"], 1);
  EXPECT_EQ(Total(scraped, "outerloop_recoveries_total"), 1);
  for (const char* phase : {"regroup", "resume"}) {
    const std::string labels = std::string("{phase=\"") + phase + "\"}";
    EXPECT_EQ(scraped["outerloop_recovery_duration_seconds_count" + labels], 1) << phase;
    EXPECT_GT(scraped["outerloop_recovery_duration_seconds_sum" + labels], 0) << phase;
  }
}

TEST(Metrics, OfAWorkerAreServedWhereItIsTold) {
  Cluster cluster;
  Process worker({Cluster::Binary("outerloop-worker"), "--coordinator", cluster.address(),
                  "--metrics-host", "127.0.0.1", "--metrics-port", "0", "--cache-dir",
                  cluster.folder() / "cache", "--device", "cpu"},
                 cluster.folder() / "worker.log");
  EXPECT_NE(worker.AwaitLine("metrics on 127.0.0.1:"), "");
  worker.Signal(SIGTERM);
  EXPECT_EQ(worker.Wait(), 0);
}

}  // namespace
}  // namespace outerloop::tests
