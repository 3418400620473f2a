#include "meta/optimizers/learning_rate.h"

#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

TEST(LearningRate, StaysWithoutDecay) {
  EXPECT_EQ(RateAt(/*step=*/1, /*initial=*/0.5, /*decay_steps=*/0), 0.5);
  EXPECT_EQ(RateAt(1'000'000, 0.5, 0), 0.5);
}

TEST(LearningRate, FallsInAStraightLineToZeroAfterTheLastStep) {
  EXPECT_EQ(RateAt(/*step=*/1, /*initial=*/2, /*decay_steps=*/4), 2);
  EXPECT_EQ(RateAt(2, 2, 4), 1.5);
  EXPECT_EQ(RateAt(3, 2, 4), 1);
  EXPECT_EQ(RateAt(4, 2, 4), 0.5);
  EXPECT_EQ(RateAt(5, 2, 4), 0);
  EXPECT_EQ(RateAt(6, 2, 4), 0);
}

}  // namespace
}  // namespace outerloop::meta
