#include "common/backoff.h"

#include "gtest/gtest.h"

namespace outerloop {
namespace {

TEST(Backoff, WaitsGrowToTheMaximumWithinTheirJitter) {
  const BackoffOptions options = {
      .initial = absl::Milliseconds(100), .maximum = absl::Seconds(1), .multiplier = 3.0};
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Backoff backoff(options, seed);
    for (const int mean : {100, 300, 900, 1000, 1000, 1000}) {
      const absl::Duration wait = backoff.Next();
      EXPECT_GE(wait, absl::Milliseconds(mean / 2));
      EXPECT_LT(wait, absl::Milliseconds(mean + mean / 2));
    }
  }
}

TEST(Backoff, ResetStartsOver) {
  Backoff backoff(BackoffOptions(), /*seed=*/1);
  for (int i = 0; i < 10; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LT(backoff.Next(), 1.5 * BackoffOptions().initial);
}

TEST(Backoff, ASeedIsASequenceAndSeedsDiffer) {
  Backoff a(BackoffOptions(), /*seed=*/1);
  Backoff same(BackoffOptions(), /*seed=*/1);
  Backoff other(BackoffOptions(), /*seed=*/2);
  const absl::Duration first = a.Next();
  EXPECT_EQ(first, same.Next());
  EXPECT_NE(first, other.Next());
}

TEST(Backoff, JitterSpreadsOverTheWholeRange) {
  const BackoffOptions options = {.initial = absl::Seconds(1), .maximum = absl::Seconds(1)};
  Backoff backoff(options, /*seed=*/1);
  absl::Duration least = absl::InfiniteDuration();
  absl::Duration most = absl::ZeroDuration();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration wait = backoff.Next();
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_LT(least, absl::Milliseconds(510));
  EXPECT_GT(most, absl::Milliseconds(1490));
}

}  // namespace
}  // namespace outerloop
