#include "coordinator/service/engine_metrics.h"

#include <map>

#include "gtest/gtest.h"
#include "prometheus/metric_family.h"

namespace outerloop::coordinator {
namespace {

absl::Time At(double seconds) { return absl::FromUnixSeconds(1'000) + absl::Seconds(seconds); }

JobRecord MakeJob() {
  JobRecord job;
  job.job_id = "job-1";
  job.spec.set_name("maml");
  job.spec.mutable_training()->set_steps(100);
  job.spec.mutable_training()->set_tasks_per_step(4);
  job.spec.mutable_training()->set_tasks_per_shard(2);
  job.spec.mutable_workers()->set_min(1);
  job.created = At(0);
  return job;
}

WorkerConnected MakeWorker(SessionId session) {
  WorkerConnected worker;
  worker.session = session;
  worker.worker_id = "worker-" + std::to_string(session);
  worker.name = worker.worker_id;
  worker.numerics.set_device("cpu");
  return worker;
}

// The metrics beside the state machine that they follow.
class EngineMetricsTest : public testing::Test {
 protected:
  void Apply(const Event& event, absl::Time now) {
    metrics_.Count(core_, core_.Apply(event, now), now);
  }
  void FinishStep(uint64_t step, uint64_t generation, absl::Time now) {
    v1::StepMetrics metrics;
    metrics.set_step(step);
    Apply(StepFinished{session_, "job-1", generation, "digest", metrics}, now);
  }
  // Of histograms, the sum.
  double Value(const std::string& metric, const std::map<std::string, std::string>& labels = {}) {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name != metric) continue;
      for (const prometheus::ClientMetric& series : family.metric) {
        std::map<std::string, std::string> found;
        for (const auto& label : series.label) found[label.name] = label.value;
        if (found != labels) continue;
        return series.counter.value + series.gauge.value + series.histogram.sample_sum;
      }
    }
    ADD_FAILURE() << "no " << metric;
    return -1;
  }

  SessionId session_ = 1;
  Core core_{CoreOptions{}};
  prometheus::Registry registry_;
  EngineMetrics metrics_{registry_};
};

TEST_F(EngineMetricsTest, CountsStepsTheirTasksAndThoseThatWereSkipped) {
  Apply(JobAdmitted{MakeJob()}, At(0));
  Apply(MakeWorker(1), At(7));
  EXPECT_EQ(Value("outerloop_queue_wait_seconds"), 7);
  Apply(MemberReady{1, "job-1", 1, std::nullopt}, At(8));
  FinishStep(1, 1, At(9));
  v1::StepMetrics skipped;
  skipped.set_step(2);
  skipped.set_skipped(true);
  Apply(StepFinished{1, "job-1", 1, "digest", skipped}, At(10));
  EXPECT_EQ(Value("outerloop_group_starts_total"), 1);
  EXPECT_EQ(Value("outerloop_steps_total"), 2);
  EXPECT_EQ(Value("outerloop_tasks_total"), 8);
  EXPECT_EQ(Value("outerloop_non_finite_steps_total"), 1);
  EXPECT_EQ(Value("outerloop_job_step", {{"job_name", "maml"}}), 2);
}

TEST_F(EngineMetricsTest, TimesARecoveryFromTheLossToTheNextStep) {
  Apply(JobAdmitted{MakeJob()}, At(0));
  Apply(MakeWorker(1), At(0));
  Apply(MemberReady{1, "job-1", 1, std::nullopt}, At(1));
  FinishStep(1, 1, At(2));
  Apply(WorkerLost{1}, At(3));
  EXPECT_EQ(Value("outerloop_recoveries_total", {{"cause", "connection"}}), 1);
  session_ = 2;
  Apply(MakeWorker(2), At(4));
  Apply(MemberReady{2, "job-1", 2, std::nullopt}, At(5.5));
  FinishStep(1, 2, At(6));  // A replay is no progress.
  EXPECT_EQ(Value("outerloop_recovery_duration_seconds", {{"phase", "resume"}}), 0);
  FinishStep(2, 2, At(7));
  EXPECT_EQ(Value("outerloop_recovery_duration_seconds", {{"phase", "regroup"}}), 2.5);
  EXPECT_EQ(Value("outerloop_recovery_duration_seconds", {{"phase", "resume"}}), 1.5);
}

TEST_F(EngineMetricsTest, ShowsWorkersByStateAndDevice) {
  std::vector<v1::WorkerStatus> workers(3);
  workers[0].set_activity("training");
  workers[0].mutable_numerics()->set_device("NVIDIA H100 80GB HBM3 sm_90");
  workers[1].set_activity("idle");
  workers[1].mutable_numerics()->set_device("cpu");
  workers[2] = workers[1];
  workers[2].set_set_aside("it failed");
  metrics_.Show(workers);
  const auto shown = [this](const std::string& state, const std::string& device) {
    return Value("outerloop_workers", {{"state", state}, {"device", device}});
  };
  EXPECT_EQ(shown("training", "cuda"), 1);
  EXPECT_EQ(shown("training", "cpu"), 0);
  EXPECT_EQ(shown("idle", "cpu"), 1);
  EXPECT_EQ(shown("set_aside", "cpu"), 1);
}

TEST_F(EngineMetricsTest, WorkersAreMissingUntilTheLargestJobThatWaitsHasEnough) {
  v1::Job job;
  job.set_state(v1::QUEUED);
  *job.mutable_spec() = MakeJob().spec;
  job.mutable_spec()->mutable_workers()->set_min(3);
  metrics_.Show({std::make_shared<const v1::Job>(job)});
  EXPECT_EQ(Value("outerloop_jobs", {{"state", "QUEUED"}}), 1);
  EXPECT_EQ(Value("outerloop_worker_demand"), 3);
  EXPECT_EQ(Value("outerloop_workers_missing"), 3);
  metrics_.Show(std::vector<v1::WorkerStatus>(2));
  EXPECT_EQ(Value("outerloop_workers_missing"), 1);
  metrics_.Show(std::vector<v1::WorkerStatus>(4));
  EXPECT_EQ(Value("outerloop_workers_missing"), 0);
}

}  // namespace
}  // namespace outerloop::coordinator
