#include "coordinator/core/probation.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

const absl::Time kStart = absl::UnixEpoch();

TEST(Probation, SetsAsideFromTheThirdFailureInARowOn) {
  Probation probation;
  probation.Fail("w", "first", kStart);
  probation.Fail("w", "second", kStart);
  EXPECT_LE(probation.Until("w"), kStart);
  probation.Fail("w", "out of memory", kStart);
  EXPECT_EQ(probation.Until("w"), kStart + absl::Milliseconds(500));
  EXPECT_EQ(probation.Why("w"), "failed 3 times in a row, last: out of memory");
}

TEST(Probation, DoublesThePauseUpToTheLongest) {
  Probation probation;
  for (int i = 0; i < 2; ++i) probation.Fail("w", "", kStart);
  for (const double seconds : {0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0}) {
    probation.Fail("w", "", kStart);
    EXPECT_EQ(probation.Until("w"), kStart + absl::Seconds(seconds));
  }
}

TEST(Probation, CountsEachWorkerByItself) {
  Probation probation;
  for (int i = 0; i < 5; ++i) probation.Fail("w", "", kStart);
  EXPECT_EQ(probation.Until("other"), absl::InfinitePast());
  EXPECT_EQ(probation.Why("other"), "");
}

TEST(Probation, ForgetsOnceAWorkerHasWorkedLongEnough) {
  Probation probation;
  for (int i = 0; i < 3; ++i) probation.Fail("w", "", kStart);
  probation.Work("w", kStart + absl::Seconds(29));
  probation.Fail("w", "", kStart + absl::Seconds(29));
  EXPECT_EQ(probation.Until("w"), kStart + absl::Seconds(30)) << "the fourth in a row";
  probation.Work("w", kStart + absl::Seconds(59));
  probation.Fail("w", "", kStart + absl::Seconds(60));
  EXPECT_EQ(probation.Until("w"), absl::InfinitePast()) << "the first again";
}

TEST(Probation, ForgetsWorkersThatAreGoneForLong) {
  Probation probation;
  for (int i = 0; i < 9; ++i) probation.Fail("gone", "", kStart);
  probation.Fail("w", "", kStart + absl::Hours(2));
  EXPECT_EQ(probation.Why("gone"), "");
}

}  // namespace
}  // namespace outerloop::coordinator
