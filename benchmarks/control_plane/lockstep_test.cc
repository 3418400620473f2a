#include "benchmarks/control_plane/lockstep.h"

#include "gtest/gtest.h"

namespace outerloop::control_plane {
namespace {

absl::Time At(int second) { return absl::UnixEpoch() + absl::Seconds(second); }

TEST(LockstepTest, AStepBeginsWithTheLastMembersPlan) {
  Lockstep lockstep(/*size=*/3, /*start=*/0, /*window=*/2);
  EXPECT_FALSE(lockstep.AddPlan(1));
  EXPECT_FALSE(lockstep.AddPlan(1));
  EXPECT_TRUE(lockstep.AddPlan(1));
}

TEST(LockstepTest, AStepThatEverybodyHasWaitsForTheOneBefore) {
  Lockstep lockstep(/*size=*/2, /*start=*/10, /*window=*/2);
  lockstep.AddPlan(11);
  EXPECT_FALSE(lockstep.AddPlan(12));
  EXPECT_FALSE(lockstep.AddPlan(12)) << "step 11 has not even begun";
  EXPECT_TRUE(lockstep.AddPlan(11));
  EXPECT_TRUE(lockstep.Finish(At(1))) << "everybody has step 12";
  EXPECT_FALSE(lockstep.Finish(At(2))) << "nobody has step 13";
  EXPECT_EQ(lockstep.finished(), 12);
}

TEST(LockstepTest, APlanIsDueSinceTheFinishOfTheStepAWindowBefore) {
  Lockstep lockstep(/*size=*/1, /*start=*/5, /*window=*/2);
  EXPECT_EQ(lockstep.DueSince(6), std::nullopt) << "given out at the start";
  EXPECT_EQ(lockstep.DueSince(7), std::nullopt);
  EXPECT_EQ(lockstep.DueSince(8), absl::InfiniteFuture());
  lockstep.AddPlan(6);
  lockstep.Finish(At(1));
  EXPECT_EQ(lockstep.DueSince(8), At(1));
  EXPECT_EQ(lockstep.DueSince(9), absl::InfiniteFuture());
}

TEST(LockstepTest, KnowsTheDueTimeOfEveryPlanThatAMemberMayLack) {
  constexpr uint64_t kWindow = 4;
  Lockstep lockstep(/*size=*/1, /*start=*/0, kWindow);
  for (uint64_t step = 1; step <= 100; ++step) {
    lockstep.AddPlan(step);
    lockstep.Finish(At(static_cast<int>(step)));
    for (uint64_t ahead = step + 1; ahead <= step + kWindow; ++ahead) {
      if (ahead <= kWindow) continue;
      EXPECT_EQ(lockstep.DueSince(ahead), At(static_cast<int>(ahead - kWindow)));
    }
  }
}

}  // namespace
}  // namespace outerloop::control_plane
