#include "client/job_history.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::ElementsAre;

v1::StepMetrics Step(uint64_t step, double loss, std::optional<double> accuracy = std::nullopt) {
  v1::StepMetrics metrics;
  metrics.set_step(step);
  metrics.set_loss(loss);
  if (accuracy) metrics.set_accuracy(*accuracy);
  metrics.set_seconds(0.5 * static_cast<double>(step));
  return metrics;
}

v1::StepMetrics Skipped(uint64_t step) {
  v1::StepMetrics metrics = Step(step, 0);
  metrics.set_skipped(true);
  return metrics;
}

std::vector<uint64_t> StepsOf(const std::vector<HistoryRow>& rows) {
  std::vector<uint64_t> steps;
  for (const HistoryRow& row : rows) steps.push_back(row.step);
  return steps;
}

TEST(JobHistoryTest, TakesMeansOverStretchesOfSteps) {
  const std::vector<v1::StepMetrics> steps = {Step(1, 4, 0.25), Step(2, 2, 0.75), Step(3, 1, 0.5)};
  const auto rows = SummarizeHistory(steps, 2);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].step, 2u);
  EXPECT_EQ(rows[0].loss, 3);
  EXPECT_EQ(rows[0].accuracy, 0.5);
  EXPECT_EQ(rows[0].seconds, 0.75);
  EXPECT_EQ(rows[1].step, 3u);
  EXPECT_EQ(rows[1].loss, 1);
}

TEST(JobHistoryTest, EndsRowsAtMultiplesWhereverTheFirstStepIs) {
  std::vector<v1::StepMetrics> steps;
  for (uint64_t step = 4; step <= 11; ++step) steps.push_back(Step(step, 1));
  EXPECT_THAT(StepsOf(SummarizeHistory(steps, 5)), ElementsAre(5, 10, 11));
  EXPECT_THAT(StepsOf(SummarizeHistory(steps, 100)), ElementsAre(11));
  EXPECT_EQ(SummarizeHistory(steps, 1).size(), 8u);
  EXPECT_TRUE(SummarizeHistory({}, 5).empty());
}

TEST(JobHistoryTest, GivesAsManyRowsAsAskedForAtMostAndMeansOverEqualStretches) {
  for (const uint64_t first : {1, 7, 100}) {
    for (const uint64_t count : {1, 9, 10, 11, 99}) {
      std::vector<v1::StepMetrics> steps;
      for (uint64_t i = 0; i < count; ++i) steps.push_back(Step(first + i, 1));
      for (const uint64_t points : {1, 2, 10, 200}) {
        const uint64_t every = StretchFor(steps, points);
        EXPECT_LE(SummarizeHistory(steps, every).size(), points) << first << " " << count;
        if (every == 1) continue;
        EXPECT_GT(SummarizeHistory(steps, every - 1).size(), points) << "a shorter one would do";
      }
    }
  }
  EXPECT_EQ(StretchFor({}, 10), 1u);
}

TEST(JobHistoryTest, LeavesSkippedStepsOutOfTheMeans) {
  const std::vector<v1::StepMetrics> steps = {Skipped(1), Step(2, 3, 0.5), Skipped(3), Skipped(4)};
  const auto rows = SummarizeHistory(steps, 2);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].loss, 3);
  EXPECT_EQ(rows[0].skipped, 1u);
  EXPECT_FALSE(rows[1].loss.has_value());
  EXPECT_FALSE(rows[1].accuracy.has_value());
  EXPECT_EQ(rows[1].skipped, 2u);
}

TEST(JobHistoryTest, WritesCommaSeparatedValuesThatReadBackExactly) {
  const std::vector<v1::StepMetrics> steps = {Step(1, 0.1), Skipped(2)};
  EXPECT_EQ(HistoryToCsv(SummarizeHistory(steps, 1)),
            "step,loss,accuracy,seconds,skipped\n1,0.1,,0.5,0\n2,,,1.0,1\n");
}

TEST(JobHistoryTest, WritesJson) {
  const std::vector<v1::StepMetrics> steps = {Step(1, 0.5)};
  EXPECT_EQ(
      HistoryToJson(SummarizeHistory(steps, 1)),
      Json::parse(R"([{"step": 1, "loss": 0.5, "accuracy": null, "seconds": 0.5, "skipped": 0}])"));
}

}  // namespace
}  // namespace outerloop::client
