#include "worker/member/held_record.h"

#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

v1::StepMetrics Metrics(uint64_t step, double loss = 0) {
  v1::StepMetrics metrics;
  metrics.set_step(step);
  metrics.set_loss(loss);
  return metrics;
}

std::vector<uint64_t> RecentSteps(const HeldRecord& record) {
  std::vector<uint64_t> steps;
  for (const v1::StepMetrics& metrics : record.proto()->recent()) steps.push_back(metrics.step());
  return steps;
}

TEST(HeldRecordTest, HasNothingToSayWithoutAState) {
  HeldRecord record;
  record.Advance(Metrics(1), "");
  EXPECT_FALSE(record.proto());
  record.Set("a", 3);
  record.Clear();
  EXPECT_FALSE(record.proto());
  EXPECT_FALSE(record.StepOf("a"));
}

TEST(HeldRecordTest, FollowsTheStateStepByStep) {
  HeldRecord record;
  record.Set("a", 2);
  record.Advance(Metrics(3), "digest");
  record.Advance(Metrics(4), "");
  EXPECT_EQ(record.StepOf("a"), 4u);
  EXPECT_FALSE(record.StepOf("b"));
  EXPECT_EQ(RecentSteps(record), (std::vector<uint64_t>{3, 4}));
  EXPECT_EQ(record.proto()->parameters_sha256(), "");
}

TEST(HeldRecordTest, ForgetsTheStepsOfARunBeforeTheJobWasResumed) {
  HeldRecord record;
  record.Set("a", 2);
  record.Advance(Metrics(3), "digest");
  record.Set("a", 3, /*resumed_generation=*/7);
  EXPECT_TRUE(RecentSteps(record).empty());
  EXPECT_EQ(record.proto()->parameters_sha256(), "");
  EXPECT_EQ(record.proto()->resumed_generation(), 7u);
}

TEST(HeldRecordTest, SaysTheDigestOfThisStepOnly) {
  HeldRecord record;
  record.Set("a", 2);
  record.Advance(Metrics(3), "digest");
  EXPECT_EQ(record.proto()->parameters_sha256(), "digest");
  record.Set("a", 3);  // The same state, broadcast to all.
  EXPECT_EQ(record.proto()->parameters_sha256(), "digest");
  record.Set("a", 5);
  EXPECT_EQ(record.proto()->parameters_sha256(), "");
}

TEST(HeldRecordTest, ForgetsStepsThatAreToBeComputedAgain) {
  HeldRecord record;
  record.Set("a", 0);
  for (uint64_t step : {1, 2, 3}) record.Advance(Metrics(step, 1.0), "");
  record.Set("a", 1);  // From a checkpoint.
  record.Advance(Metrics(2, 5.0), "");
  EXPECT_EQ(RecentSteps(record), (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(record.proto()->recent(1).loss(), 5.0);
}

TEST(HeldRecordTest, ForgetsTheStepsOfAnotherJob) {
  HeldRecord record;
  record.Set("a", 0);
  record.Advance(Metrics(1), "digest");
  record.Set("b", 1);
  EXPECT_EQ(record.proto()->recent_size(), 0);
  EXPECT_EQ(record.proto()->parameters_sha256(), "");
}

TEST(HeldRecordTest, RemembersNoMoreStepsThanTheProtocolAllows) {
  HeldRecord record;
  record.Set("a", 0);
  for (uint64_t step = 1; step <= 9'000; ++step) {
    record.Advance(Metrics(step), "");
    ASSERT_LE(record.proto()->recent_size(), 4096);
  }
  const std::vector<uint64_t> steps = RecentSteps(record);
  EXPECT_GE(steps.size(), 2048u);
  EXPECT_EQ(steps.back(), 9'000u);
  EXPECT_EQ(steps.back() - steps.front() + 1, steps.size());
}

}  // namespace
}  // namespace outerloop::worker
