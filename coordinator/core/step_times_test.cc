#include "coordinator/core/step_times.h"

#include <cmath>

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

TEST(StepTimes, AreZeroBeforeTheFirstStep) {
  const StepTimes times;
  EXPECT_EQ(times.mean_seconds(), 0);
  EXPECT_EQ(times.median(), absl::ZeroDuration());
}

TEST(StepTimes, TheMedianIsNotMovedByOneSlowStep) {
  StepTimes times;
  for (int i = 0; i < 8; ++i) times.Add(0.5);
  times.Add(100);
  EXPECT_EQ(times.median(), absl::Seconds(0.5));
  EXPECT_GT(times.mean_seconds(), 10);
}

TEST(StepTimes, TheMedianIsOfTheLatestSteps) {
  StepTimes times;
  for (int i = 0; i < 100; ++i) times.Add(0.5);
  for (int i = 0; i < 8; ++i) times.Add(2);
  EXPECT_EQ(times.median(), absl::Seconds(2));
}

TEST(StepTimes, LeavesOutWhatIsNoTime) {
  StepTimes times;
  times.Add(std::nan(""));
  times.Add(-1);
  EXPECT_EQ(times.mean_seconds(), 0);
}

}  // namespace
}  // namespace outerloop::coordinator
