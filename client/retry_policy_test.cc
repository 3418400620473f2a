#include "client/retry_policy.h"

#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

const absl::Time kStart = absl::UnixEpoch();
const absl::Status kUnavailable = absl::UnavailableError("down");

RetryPolicy MakePolicy() { return RetryPolicy(absl::Seconds(60), BackoffOptions(), /*seed=*/1); }

TEST(RetryPolicyTest, RetriesNothingButUnavailable) {
  RetryPolicy policy = MakePolicy();
  EXPECT_TRUE(policy.AfterFailure(kUnavailable, kStart).has_value());
  for (const absl::Status& status :
       {absl::NotFoundError(""), absl::DeadlineExceededError(""), absl::InternalError("")}) {
    EXPECT_FALSE(policy.AfterFailure(status, kStart).has_value());
  }
}

TEST(RetryPolicyTest, GivesUpWhenTheTimeIsOver) {
  RetryPolicy policy = MakePolicy();
  absl::Time now = kStart;
  int attempts = 0;
  while (const auto wait = policy.AfterFailure(kUnavailable, now)) {
    EXPECT_GT(*wait, absl::ZeroDuration());
    now += *wait;
    ++attempts;
  }
  EXPECT_EQ(now, kStart + absl::Seconds(60));
  EXPECT_GT(attempts, 20);   // Waits of 2 s on average in the end.
  EXPECT_LT(attempts, 100);  // And not a busy loop.
}

TEST(RetryPolicyTest, StartsAnewAfterProgress) {
  RetryPolicy policy = MakePolicy();
  ASSERT_TRUE(policy.AfterFailure(kUnavailable, kStart).has_value());
  policy.AfterProgress();
  const auto wait = policy.AfterFailure(kUnavailable, kStart + absl::Seconds(61));
  ASSERT_TRUE(wait.has_value());
  EXPECT_LT(*wait, 1.5 * BackoffOptions().initial);
}

TEST(RetryPolicyTest, MayRetryNever) {
  RetryPolicy policy(absl::ZeroDuration(), BackoffOptions(), /*seed=*/1);
  EXPECT_FALSE(policy.AfterFailure(kUnavailable, kStart).has_value());
}

}  // namespace
}  // namespace outerloop::client
