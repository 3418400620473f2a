#include "client/job_comparison.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Job OmniglotJob(const std::string& episode = "ways: 5 shots: 1 queries: 5 rotations: true") {
  v1::Job job;
  job.set_dataset_sha256("d1");
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "dataset { name: 'omniglot' split { random { train: 10 test: 5 } } }"
      "episode { classification { " +
          episode + " } }",
      job.mutable_spec()));
  return job;
}

v1::ScoreSeries Series(v1::PredictionMode mode, uint32_t inner_steps,
                       const std::vector<float>& scores) {
  v1::ScoreSeries series;
  series.set_mode(mode);
  series.set_inner_steps(inner_steps);
  series.set_metric("accuracy");
  series.mutable_scores()->Assign(scores.begin(), scores.end());
  return series;
}

TEST(CheckSameTasksTest, TakesJobsThatDifferInSizesAlone) {
  const v1::Job wide = OmniglotJob("ways: 60 shots: 1 queries: 15 rotations: true");
  EXPECT_TRUE(CheckSameTasks(OmniglotJob(), wide).ok());
}

TEST(CheckSameTasksTest, SaysInWhatJobsDiffer) {
  v1::Job data = OmniglotJob();
  data.set_dataset_sha256("d2");
  v1::Job split = OmniglotJob();
  split.mutable_spec()->mutable_dataset()->mutable_split()->mutable_random()->set_seed(1);
  const v1::Job episode = OmniglotJob("ways: 5 shots: 1 queries: 5");
  v1::Job drawn = OmniglotJob();
  drawn.clear_dataset_sha256();
  drawn.mutable_spec()->mutable_dataset()->set_name("sinusoid");
  v1::Job other_drawn = drawn;
  other_drawn.mutable_spec()->mutable_dataset()->set_name("gaussian-process");
  const auto difference = [](const v1::Job& first, const v1::Job& second) {
    const absl::Status status = CheckSameTasks(first, second);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(difference(OmniglotJob(), data), HasSubstr("the data set (omniglot, omniglot)"));
  EXPECT_THAT(difference(OmniglotJob(), split), HasSubstr("dataset.split differs"));
  EXPECT_THAT(difference(OmniglotJob(), episode), HasSubstr("episode"));
  EXPECT_THAT(difference(drawn, other_drawn), HasSubstr("(sinusoid, gaussian-process)"));
}

TEST(SameTasksTest, KeepsAllButTheInnerSteps) {
  v1::EvaluationSpec completed;
  completed.set_tasks(1000);
  completed.set_seed(7);
  completed.add_inner_steps(3);
  const v1::EvaluationSpec unsaid = SameTasks(completed, v1::EvaluationSpec());
  EXPECT_EQ(unsaid.tasks(), 1000u);
  EXPECT_EQ(unsaid.seed(), 7u);
  EXPECT_TRUE(unsaid.inner_steps().empty());
  v1::EvaluationSpec asked;
  asked.add_inner_steps(5);
  EXPECT_THAT(SameTasks(completed, asked).inner_steps(), ElementsAre(5));
}

// Differences 0.1, 0.1, 0.4: mean 0.2, s = sqrt(0.03), t(0.975, 2) = 4.302653.
TEST(CompareTest, TakesTheIntervalOfTheDifferences) {
  const std::vector<v1::ScoreSeries> first = {Series(v1::INDUCTIVE, 1, {0.5f, 0.9f, 1})};
  const std::vector<v1::ScoreSeries> second = {Series(v1::INDUCTIVE, 3, {0.4f, 0.8f, 0.6f})};
  const auto comparisons = Compare(first, second);
  ASSERT_TRUE(comparisons.ok()) << comparisons.status();
  ASSERT_EQ(comparisons->size(), 1u);
  const Comparison& comparison = comparisons->front();
  EXPECT_EQ(comparison.tasks, 3u);
  EXPECT_EQ(comparison.first_inner_steps, 1u);
  EXPECT_EQ(comparison.second_inner_steps, 3u);
  EXPECT_NEAR(comparison.first.mean, 0.8, 1e-7);
  EXPECT_NEAR(comparison.second.mean, 0.6, 1e-7);
  EXPECT_NEAR(comparison.difference.mean, 0.2, 1e-7);
  EXPECT_NEAR(comparison.difference.ci95, 4.302653 * std::sqrt(0.03 / 3), 1e-6);
}

TEST(CompareTest, TakesEveryModeThatBothHaveAndTheMostInnerSteps) {
  const std::vector<v1::ScoreSeries> maml = {
      Series(v1::TRANSDUCTIVE, 1, {0, 0}), Series(v1::TRANSDUCTIVE, 3, {1, 0}),
      Series(v1::INDUCTIVE, 1, {0, 0}), Series(v1::INDUCTIVE, 3, {1, 1})};
  const std::vector<v1::ScoreSeries> metric = {Series(v1::INDUCTIVE, 0, {0, 1})};
  const auto both = Compare(maml, maml);
  ASSERT_TRUE(both.ok());
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ(both->at(0).mode, v1::TRANSDUCTIVE);
  EXPECT_EQ(both->at(0).first_inner_steps, 3u);
  EXPECT_EQ(both->at(0).difference.mean, 0);
  EXPECT_EQ(both->at(0).difference.ci95, 0);
  const auto one = Compare(maml, metric);
  ASSERT_TRUE(one.ok());
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ(one->front().difference.mean, 0.5);
}

TEST(CompareTest, RefusesWhatCannotBeCompared) {
  const std::vector<v1::ScoreSeries> transductive = {Series(v1::TRANSDUCTIVE, 1, {0, 1})};
  const std::vector<v1::ScoreSeries> inductive = {Series(v1::INDUCTIVE, 1, {0, 1})};
  const std::vector<v1::ScoreSeries> more = {Series(v1::INDUCTIVE, 1, {0, 1, 1})};
  std::vector<v1::ScoreSeries> errors = inductive;
  errors[0].set_metric("mse");
  EXPECT_THAT(Compare(transductive, inductive).status().message(), HasSubstr("the way to predict"));
  EXPECT_THAT(Compare(inductive, more).status().message(), HasSubstr("number of tasks (2, 3)"));
  EXPECT_THAT(Compare(inductive, errors).status().message(), HasSubstr("metric (accuracy, mse)"));
}

TEST(ComparisonTableTest, ShowsBothJobsAndTheDifference) {
  const std::vector<v1::ScoreSeries> first = {Series(v1::INDUCTIVE, 1, {0.9f, 0.9f})};
  const std::vector<v1::ScoreSeries> second = {Series(v1::INDUCTIVE, 0, {0.8f, 0.8f})};
  const auto comparisons = Compare(first, second);
  ASSERT_TRUE(comparisons.ok());
  const std::string table = ComparisonTable(*comparisons, "maml", "protonet");
  EXPECT_THAT(table, HasSubstr("maml"));
  EXPECT_THAT(table, HasSubstr("1, 0"));
  EXPECT_THAT(table, HasSubstr("90.00 %"));
  EXPECT_THAT(table, HasSubstr("+10.00 %"));
  const Json json = ComparisonsToJson(*comparisons);
  EXPECT_EQ(json[0]["mode"], "INDUCTIVE");
  EXPECT_EQ(json[0]["first"]["inner_steps"], 1);
  EXPECT_NEAR(json[0]["difference"]["mean"].get<double>(), 0.1, 1e-6);
}

}  // namespace
}  // namespace outerloop::client
