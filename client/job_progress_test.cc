#include "client/job_progress.h"

#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

v1::WatchJobResponse Update(v1::JobState state, uint64_t step) {
  v1::WatchJobResponse update;
  update.mutable_job()->set_state(state);
  update.mutable_job()->set_step(step);
  update.mutable_job()->set_workers(2);
  update.mutable_job()->mutable_spec()->mutable_training()->set_steps(100);
  return update;
}

TEST(JobProgressTest, ShowsSpeedLossAccuracyTimeLeftAndWorkers) {
  JobProgress progress;
  auto update = Update(v1::RUNNING, 20);
  for (int i = 1; i <= 20; ++i) {
    auto* step = update.add_steps();
    step->set_step(i);
    step->set_seconds(0.5);
    step->set_loss(0.25);
    step->set_accuracy(0.961);
  }
  progress.Add(update);
  EXPECT_EQ(RenderPlain(progress.Line()),
            "RUNNING  20%  20/100  2 steps/s  loss 0.25  accuracy 96.1%  0:40 left  2 workers");
}

TEST(JobProgressTest, ShowsNoAccuracyForRegression) {
  JobProgress progress;
  auto update = Update(v1::RUNNING, 1);
  update.add_steps()->set_loss(3);
  progress.Add(update);
  EXPECT_EQ(RenderPlain(progress.Line()), "RUNNING   1%  1/100  loss 3  2 workers");
}

TEST(JobProgressTest, ShowsWhyAJobWaits) {
  JobProgress progress;
  auto update = Update(v1::QUEUED, 0);
  update.mutable_job()->set_reason("waits for 1 worker; 0 are connected");
  progress.Add(update);
  EXPECT_EQ(RenderPlain(progress.Line()), "QUEUED  waits for 1 worker; 0 are connected");
  EXPECT_EQ(progress.reason(), "waits for 1 worker; 0 are connected");
}

TEST(JobProgressTest, KeepsTheStepWhileAJobRecovers) {
  JobProgress progress;
  auto update = Update(v1::RECOVERING, 40);
  update.mutable_job()->set_reason("lost a worker");
  progress.Add(update);
  EXPECT_EQ(RenderPlain(progress.Line()), "RECOVERING  40%  40/100  lost a worker");
}

TEST(JobProgressTest, ShowsTheEvaluationAtTheEnd) {
  JobProgress progress;
  auto update = Update(v1::RUNNING, 100);
  auto* evaluation = update.mutable_job()->add_evaluations();
  evaluation->set_state(v1::EVALUATION_PENDING);
  evaluation->mutable_spec()->set_split(v1::TEST);
  evaluation->mutable_spec()->set_tasks(1000);
  evaluation->set_tasks_done(300);
  progress.Add(update);
  EXPECT_EQ(RenderPlain(progress.Line()), "RUNNING 100%  100/100  evaluating test: 300/1000 tasks");
}

TEST(RecentMeanTest, IsExactForEqualValuesAndFollowsChanges) {
  RecentMean mean;
  EXPECT_TRUE(mean.empty());
  mean.Add(5);
  EXPECT_DOUBLE_EQ(mean.value(), 5);
  for (int i = 0; i < 600; ++i) mean.Add(1);
  EXPECT_NEAR(mean.value(), 1, 1e-3);
}

}  // namespace
}  // namespace outerloop::client
