#include "coordinator/service/job_metrics.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "prometheus/metric_family.h"

namespace outerloop::coordinator {
namespace {

constexpr int kBegin = 1'000;

absl::Time At(int seconds) { return absl::FromUnixSeconds(kBegin + seconds); }

Job MakeJob(const std::string& id, const std::string& name) {
  Job job;
  job.record.job_id = id;
  job.record.spec.set_name(name);
  job.record.spec.mutable_training()->set_steps(100);
  job.record.spec.mutable_checkpoints()->set_every_steps(10);
  job.record.state = v1::RUNNING;
  job.record.generation = 1;
  return job;
}

v1::StepMetrics MakeStep(double loss) {
  v1::StepMetrics step;
  step.set_loss(loss);
  step.set_seconds(0.02);
  return step;
}

class JobMetricsTest : public testing::Test {
 protected:
  // What a scrape would find of the job; nothing if there is no such series.
  std::optional<double> Value(const std::string& metric, const std::string& name) {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name != metric) continue;
      for (const prometheus::ClientMetric& series : family.metric) {
        if (series.label.at(0).value != name) continue;
        return family.type == prometheus::MetricType::Histogram
                   ? static_cast<double>(series.histogram.sample_count)
                   : series.gauge.value;
      }
    }
    return std::nullopt;
  }
  void End(Job job) {
    job.record.state = v1::SUCCEEDED;
    metrics_.Follow(job, At(0));
  }

  prometheus::Registry registry_;
  JobMetrics metrics_{registry_};
};

TEST_F(JobMetricsTest, ShowsAJobFromItsFirstGroupOn) {
  Job job = MakeJob("1", "maml");
  job.record.state = v1::QUEUED;
  job.record.generation = 0;
  metrics_.Follow(job, At(0));
  EXPECT_EQ(Value("outerloop_job_step", "maml"), std::nullopt);
  job.record.state = v1::STARTING;
  job.record.generation = 1;
  metrics_.Follow(job, At(5));
  EXPECT_EQ(Value("outerloop_job_step", "maml"), 0);
  EXPECT_EQ(Value("outerloop_job_steps", "maml"), 100);
  EXPECT_EQ(Value("outerloop_last_step_timestamp_seconds", "maml"), kBegin + 5);
  EXPECT_EQ(Value("outerloop_checkpoint_timestamp_seconds", "maml"), kBegin + 5);
  EXPECT_EQ(Value("outerloop_checkpoint_interval_steps", "maml"), 10);
  EXPECT_EQ(Value("outerloop_meta_loss", "maml"), std::nullopt);
}

TEST_F(JobMetricsTest, ShowsTheLatestStepAndCheckpoint) {
  Job job = MakeJob("1", "maml");
  metrics_.Follow(job, At(0));
  v1::StepMetrics step = MakeStep(1.5);
  step.set_accuracy(0.75);
  metrics_.Record(job, step, At(1));
  metrics_.Record(job, MakeStep(1.25), At(2));
  job.record.step = 10;
  CheckpointRecord& checkpoint = job.checkpoints.emplace_back();
  checkpoint.step = 10;
  checkpoint.created = At(3);
  metrics_.Follow(job, At(4));
  EXPECT_EQ(Value("outerloop_meta_loss", "maml"), 1.25);
  EXPECT_EQ(Value("outerloop_accuracy", "maml"), 0.75);
  EXPECT_EQ(Value("outerloop_job_step_seconds", "maml"), 2);  // Observations.
  EXPECT_EQ(Value("outerloop_job_step", "maml"), 10);
  EXPECT_EQ(Value("outerloop_last_step_timestamp_seconds", "maml"), kBegin + 2);
  EXPECT_EQ(Value("outerloop_checkpoint_timestamp_seconds", "maml"), kBegin + 3);
}

TEST_F(JobMetricsTest, ASkippedStepHasNoLoss) {
  const Job job = MakeJob("1", "maml");
  metrics_.Follow(job, At(0));
  v1::StepMetrics skipped = MakeStep(0);
  skipped.set_skipped(true);
  metrics_.Record(job, skipped, At(1));
  EXPECT_EQ(Value("outerloop_meta_loss", "maml"), std::nullopt);
  EXPECT_EQ(Value("outerloop_last_step_timestamp_seconds", "maml"), kBegin + 1);
}

TEST_F(JobMetricsTest, AJobWithoutCheckpointsOnTheWayHasNoneThatCouldBeStale) {
  Job job = MakeJob("1", "maml");
  job.record.spec.mutable_checkpoints()->set_every_steps(0);
  metrics_.Follow(job, At(0));
  EXPECT_EQ(Value("outerloop_checkpoint_timestamp_seconds", "maml"), std::nullopt);
}

TEST_F(JobMetricsTest, OnceAJobHasEndedNothingIsExpectedOfItAndItsResultStays) {
  Job job = MakeJob("1", "maml");
  metrics_.Follow(job, At(0));
  job.record.step = 100;
  metrics_.Follow(job, At(1));
  metrics_.Record(job, MakeStep(0.5), At(1));
  EXPECT_EQ(Value("outerloop_last_step_timestamp_seconds", "maml"), std::nullopt);
  EXPECT_EQ(Value("outerloop_checkpoint_timestamp_seconds", "maml"), std::nullopt);
  EXPECT_EQ(Value("outerloop_meta_loss", "maml"), 0.5);
  EXPECT_EQ(Value("outerloop_job_step", "maml"), 100);
}

TEST_F(JobMetricsTest, AJobThatIsResumedIsExpectedToGetOnAgain) {
  Job job = MakeJob("1", "maml");
  metrics_.Follow(job, At(0));
  job.record.state = v1::FAILED;
  metrics_.Follow(job, At(1));
  job.record.state = v1::STARTING;
  metrics_.Follow(job, At(2));
  EXPECT_EQ(Value("outerloop_last_step_timestamp_seconds", "maml"), kBegin + 2);
}

TEST_F(JobMetricsTest, ANameBelongsToTheFirstJobUntilItEnds) {
  const Job first = MakeJob("1", "maml");
  const Job second = MakeJob("2", "maml");
  metrics_.Follow(first, At(0));
  metrics_.Follow(second, At(1));
  metrics_.Record(first, MakeStep(1), At(2));
  metrics_.Record(second, MakeStep(2), At(3));
  EXPECT_EQ(Value("outerloop_meta_loss", "maml"), 1);
  End(first);
  metrics_.Follow(second, At(4));
  EXPECT_EQ(Value("outerloop_meta_loss", "maml"), std::nullopt);  // The first one's is gone.
  metrics_.Record(second, MakeStep(2), At(5));
  EXPECT_EQ(Value("outerloop_meta_loss", "maml"), 2);
}

TEST_F(JobMetricsTest, NoMoreNamesAreShownThanThereArePlaces) {
  for (size_t i = 0; i < JobMetrics::kMaxNames; ++i) {
    metrics_.Follow(MakeJob(absl::StrCat(i), absl::StrCat("job-", i)), At(0));
  }
  const Job next = MakeJob("next", "next");
  metrics_.Follow(next, At(0));
  metrics_.Record(next, MakeStep(1), At(0));
  EXPECT_EQ(Value("outerloop_job_step", "next"), std::nullopt);
  End(MakeJob("7", "job-7"));
  End(MakeJob("3", "job-3"));
  metrics_.Follow(next, At(1));  // Takes the place of the one that ended first.
  EXPECT_EQ(Value("outerloop_job_step", "next"), 0);
  EXPECT_EQ(Value("outerloop_job_step", "job-7"), std::nullopt);
  EXPECT_EQ(Value("outerloop_job_step_seconds", "job-7"), std::nullopt);
  EXPECT_EQ(Value("outerloop_job_step", "job-3"), 0);
}

}  // namespace
}  // namespace outerloop::coordinator
