#include "coordinator/security/line_budget.h"

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();

TEST(LineBudget, LetsABurstPassAndCountsWhatItLeavesOut) {
  LineBudget budget(3, absl::Seconds(1));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(budget.Take(kStart), 0u);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(budget.Take(kStart + absl::Milliseconds(999)), std::nullopt);
  EXPECT_EQ(budget.Take(kStart + absl::Seconds(1)), 5u);
  EXPECT_EQ(budget.Take(kStart + absl::Seconds(1)), std::nullopt);
  EXPECT_EQ(budget.Take(kStart + absl::Seconds(2)), 1u) << "counted anew";
}

TEST(LineBudget, WritesALineAPeriodOfAFloodWithoutEnd) {
  LineBudget budget(10, absl::Seconds(1));
  uint64_t lines = 0;
  uint64_t left_out = 0;
  for (int ms = 0; ms < 100'000; ++ms) {
    if (const auto before = budget.Take(kStart + absl::Milliseconds(ms))) {
      ++lines;
      left_out += *before;
    }
  }
  EXPECT_EQ(lines, 10u + 99u);
  EXPECT_EQ(lines + left_out, 99'001u) << "all up to the last line are accounted for";
}

TEST(LineBudget, IsFullAgainAfterAQuietTimeAndNoFullerThanThat) {
  LineBudget budget(2, absl::Seconds(1));
  EXPECT_TRUE(budget.Take(kStart).has_value());
  EXPECT_TRUE(budget.Take(kStart).has_value());
  const absl::Time later = kStart + absl::Hours(1);
  EXPECT_TRUE(budget.Take(later).has_value());
  EXPECT_TRUE(budget.Take(later).has_value());
  EXPECT_FALSE(budget.Take(later).has_value());
}

TEST(LineBudget, AClockThatGoesBackGivesNothing) {
  LineBudget budget(1, absl::Seconds(1));
  EXPECT_TRUE(budget.Take(kStart).has_value());
  EXPECT_FALSE(budget.Take(kStart - absl::Hours(1)).has_value());
  EXPECT_TRUE(budget.Take(kStart + absl::Seconds(1)).has_value());
}

}  // namespace
}  // namespace outerloop::coordinator
