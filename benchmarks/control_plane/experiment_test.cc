#include "benchmarks/control_plane/experiment.h"

#include "benchmarks/control_plane/report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::control_plane {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Scenario Small() {
  Scenario scenario;
  scenario.workers = 12;
  scenario.step_time = absl::Milliseconds(100);
  scenario.warm_up = absl::ZeroDuration();
  scenario.duration = absl::Seconds(2);
  scenario.cuts = 2;
  scenario.coordinator = COORDINATOR;
  return scenario;
}

class ExperimentTest : public testing::TestWithParam<uint32_t> {};

TEST_P(ExperimentTest, MeasuresARealCoordinatorFromConnectingToRejoining) {
  Scenario scenario = Small();
  scenario.group_size = GetParam();
  const auto result = RunExperiment(scenario);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->steps_per_second, 0);
  EXPECT_LE(result->steps_per_second, 1.1 * result->ideal_steps_per_second);
  EXPECT_GT(result->plans_per_second, 0);
  EXPECT_GT(result->delivery.count, 0);
  EXPECT_EQ(result->early_plans, 0)
      << "the coordinator's window is not what the benchmark takes it for";
  EXPECT_GT(result->get_job.count, 0);
  EXPECT_EQ(result->failed_calls, 0);
  EXPECT_EQ(result->lost_workers, 0);
  EXPECT_EQ(result->reform.count, 2);
  EXPECT_EQ(result->rejoin.count, 2);
  EXPECT_GT(result->peak_bytes, 1'000'000);
  EXPECT_THAT(ToTable({*result}), AllOf(HasSubstr("plan delivery"), HasSubstr("12")));
  EXPECT_THAT(ToJson({*result}), HasSubstr("\"workers\": 12"));
}

INSTANTIATE_TEST_SUITE_P(InOneGroupAndInMany, ExperimentTest, testing::Values(0, 4));

TEST(ScenarioTest, AValueOutsideItsRangeIsRefusedByItsFlag) {
  Scenario scenario = Small();
  scenario.step_time = absl::ZeroDuration();
  EXPECT_THAT(std::string(RunExperiment(scenario).status().message()), HasSubstr("--step-ms"));
}

TEST(ScenarioTest, WhatIsLeftOverIsAJobToo) {
  Scenario scenario = Small();
  scenario.group_size = 5;
  EXPECT_EQ(scenario.jobs(), 3);
  scenario.group_size = 0;
  EXPECT_EQ(scenario.jobs(), 1);
}

}  // namespace
}  // namespace outerloop::control_plane
