#include "coordinator/service/recovery_clock.h"

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

absl::Time At(int seconds) { return absl::FromUnixSeconds(1'000 + seconds); }

TEST(RecoveryClock, TellsTheTimeToTheStartAndFromThereToTheNextStep) {
  RecoveryClock clock;
  clock.Broke("job", At(0));
  clock.Broke("job", At(1));                             // It is broken already.
  EXPECT_EQ(clock.Stepped("job", At(2)), std::nullopt);  // A late report of the old group.
  EXPECT_EQ(clock.Started("job", At(3)), absl::Seconds(3));
  EXPECT_EQ(clock.Stepped("job", At(7)), absl::Seconds(4));
  EXPECT_EQ(clock.Stepped("job", At(8)), std::nullopt);
}

TEST(RecoveryClock, SaysNothingOfGroupsThatDidNotBreak) {
  RecoveryClock clock;
  EXPECT_EQ(clock.Started("job", At(0)), std::nullopt);
  EXPECT_EQ(clock.Stepped("job", At(1)), std::nullopt);
}

TEST(RecoveryClock, BeginsAnewIfTheNextGroupBreaksBeforeAStep) {
  RecoveryClock clock;
  clock.Broke("job", At(0));
  EXPECT_EQ(clock.Started("job", At(1)), absl::Seconds(1));
  clock.Broke("job", At(5));
  EXPECT_EQ(clock.Started("job", At(7)), absl::Seconds(2));
}

TEST(RecoveryClock, ForgetsAJobThatHasEnded) {
  RecoveryClock clock;
  clock.Broke("job", At(0));
  EXPECT_TRUE(clock.IsBroken("job"));
  clock.Forget("job");
  EXPECT_FALSE(clock.IsBroken("job"));
  EXPECT_EQ(clock.Started("job", At(1)), std::nullopt);
}

}  // namespace
}  // namespace outerloop::coordinator
