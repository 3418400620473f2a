#include "client/restart_policy.h"

#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

constexpr ChildExit kFailure{.code = 1, .signal = 0};
constexpr ChildExit kKilled{.code = 0, .signal = 9};
constexpr ChildExit kUsage{.code = 2, .signal = 0};

TEST(RestartPolicyTest, StartsAgainWhateverTheEnd) {
  RestartPolicy policy(RestartOptions(), /*seed=*/1);
  std::string why;
  for (const ChildExit& exit : {kFailure, kKilled, ChildExit()}) {
    EXPECT_TRUE(policy.AfterExit(exit, absl::Seconds(1), why).has_value());
  }
}

TEST(RestartPolicyTest, GivesUpOnAWrongConfiguration) {
  RestartPolicy policy(RestartOptions(), /*seed=*/1);
  std::string why;
  EXPECT_FALSE(policy.AfterExit(kUsage, absl::Seconds(1), why).has_value());
  EXPECT_EQ(why, "cannot work with its configuration (exit code 2)");
}

TEST(RestartPolicyTest, GivesUpAfterFailuresInARowBeforeItWasReady) {
  RestartPolicy policy({.max_failures = 3}, /*seed=*/1);
  std::string why;
  EXPECT_TRUE(policy.AfterExit(kFailure, absl::Seconds(1), why).has_value());
  EXPECT_TRUE(policy.AfterExit(kFailure, absl::Seconds(1), why).has_value());
  EXPECT_FALSE(policy.AfterExit(kKilled, absl::Seconds(1), why).has_value());
  EXPECT_EQ(why, "ended 3 times before it was ready, the last time with signal 9 (Killed)");
}

TEST(RestartPolicyTest, CountsNoFailuresOnceItWasReady) {
  RestartPolicy policy({.max_failures = 3}, /*seed=*/1);
  std::string why;
  policy.AfterReady();
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(policy.AfterExit(kFailure, absl::Seconds(1), why).has_value());
  }
}

TEST(RestartPolicyTest, WaitsLongerAfterEachShortRun) {
  RestartPolicy policy(RestartOptions(), /*seed=*/1);
  std::string why;
  absl::Duration last;
  for (int i = 0; i < 10; ++i) last = *policy.AfterExit(kFailure, absl::Seconds(1), why);
  EXPECT_GE(last, absl::Seconds(5));
  EXPECT_LE(*policy.AfterExit(kFailure, absl::Minutes(1), why), absl::Milliseconds(300));
}

}  // namespace
}  // namespace outerloop::client
