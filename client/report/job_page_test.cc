#include "client/report/job_page.h"

#include <limits>
#include <vector>

#include "absl/strings/match.h"
#include "client/testing/well_formed.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Job TrainedJob() {
  v1::Job job;
  job.set_job_id("job-7");
  job.mutable_spec()->set_name("my-job");
  job.mutable_spec()->mutable_training()->set_steps(400);
  job.mutable_spec()->mutable_dataset()->set_name("omniglot");
  job.set_state(v1::SUCCEEDED);
  job.set_step(400);
  job.set_parameters_sha256("abcdef");
  return job;
}

std::vector<v1::StepMetrics> Steps(int count) {
  std::vector<v1::StepMetrics> steps(count);
  for (int i = 0; i < count; ++i) {
    steps[i].set_step(i + 1);
    steps[i].set_loss(2.0 / (i + 1));
    steps[i].set_accuracy(1 - 1.0 / (i + 2));
  }
  return steps;
}

void AddResult(double mean, v1::Job& job) {
  v1::Evaluation& evaluation = *job.add_evaluations();
  evaluation.mutable_spec()->set_ways(5);
  evaluation.mutable_spec()->set_shots(1);
  v1::EvaluationResult& result = *evaluation.add_results();
  result.set_split(v1::TEST);
  result.set_mode(v1::TRANSDUCTIVE);
  result.set_metric("accuracy");
  result.set_mean(mean);
  result.set_ci95(0.0018);
  v1::PublishedResult& published = *job.mutable_spec()->add_published();
  published.set_split(v1::TEST);
  published.set_mode(v1::TRANSDUCTIVE);
  published.set_value(0.987);
  published.set_source("Finn et al. <2017>");
}

std::string PageOf(const v1::Job& job, const std::vector<v1::StepMetrics>& steps) {
  v1::JobEvent event;
  event.set_kind(v1::JobEvent::SUBMITTED);
  event.set_number(1);
  std::string page = JobPage(job, steps, /*sampled=*/{}, {&event, 1}, absl::UnixEpoch());
  EXPECT_EQ(WellFormednessError(page), "");
  return page;
}

TEST(JobPageTest, ShowsAllOfATrainedJob) {
  v1::Job job = TrainedJob();
  AddResult(0.9891, job);
  const std::string page = PageOf(job, Steps(400));
  for (const char* text : {"my-job", "succeeded", "abcdef", "98.91 ± 0.18 %", "98.70 %",
                           "5-way 1-shot, transductive", "means over 2 steps", "query accuracy",
                           "no recoveries", "outerloop submit job.yaml", "steps: 400"}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
}

TEST(JobPageTest, NeedsNothingFromElsewhere) {
  v1::Job job = TrainedJob();
  AddResult(0.9891, job);
  const std::string page = PageOf(job, Steps(3));
  for (const char* reference : {"http", "src=", "href=", "<script", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(reference)));
  }
}

TEST(JobPageTest, EscapesWhatPeopleWrote) {
  v1::Job job = TrainedJob();
  job.set_reason("<script>alert('x')</script> & more");
  job.mutable_spec()->mutable_dataset()->set_name("a<b>");
  AddResult(0.9891, job);
  const std::string page = PageOf(job, {});
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)"));
  EXPECT_THAT(page, HasSubstr("Finn et al. &lt;2017&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("a<b>")));
}

TEST(JobPageTest, LeavesOutWhatThereIsNotYet) {
  v1::Job job = TrainedJob();
  job.set_state(v1::QUEUED);
  job.set_step(0);
  const std::string page = PageOf(job, {});
  for (const char* text : {"<svg", "Results", "Checkpoints", "nan", "inf"}) {
    EXPECT_THAT(page, Not(HasSubstr(text)));
  }
}

TEST(JobPageTest, DrawsNoCurveThroughStepsThatAreNotNumbers) {
  std::vector<v1::StepMetrics> steps = Steps(4);
  steps[1].set_loss(std::numeric_limits<double>::quiet_NaN());
  for (v1::StepMetrics& step : steps) step.clear_accuracy();
  v1::Job job = TrainedJob();
  AddResult(std::numeric_limits<double>::infinity(), job);
  const std::string page = PageOf(job, steps);
  EXPECT_THAT(page, HasSubstr("a task diverged"));
  EXPECT_THAT(page, Not(HasSubstr("query accuracy")));
  EXPECT_THAT(page, Not(HasSubstr("nan,")));
  EXPECT_THAT(page, Not(HasSubstr(",nan")));
}

}  // namespace
}  // namespace outerloop::client
