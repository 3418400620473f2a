#include "meta/ops/mean_squared_error.h"

#include "gtest/gtest.h"
#include "meta/ops/loss_testing.h"

namespace outerloop::meta {
namespace {

TEST(MeanSquaredError, HasRightRules) {
  torch::manual_seed(1);
  ExpectLossRulesAreRight(*MakeMeanSquaredError(), torch::randn({3, 4, 2}, torch::kDouble),
                          torch::randn({3, 4, 2}, torch::kDouble));
}

TEST(MeanSquaredError, IsTheMeanOverExamplesAndItsOwnScore) {
  const auto loss = MakeMeanSquaredError();
  const torch::Tensor outputs = torch::tensor({{{1.0}, {3.0}}}, torch::kDouble);
  const torch::Tensor targets = torch::tensor({{{0.0}, {1.0}}}, torch::kDouble);
  Loss::Record unused;
  EXPECT_EQ(loss->Forward(outputs, targets, unused)[0].item<double>(), 2.5);
  EXPECT_EQ(loss->metric(), "mse");
  EXPECT_EQ(loss->Score(outputs, targets)[0].item<double>(), 2.5);
}

TEST(MeanSquaredError, ThrowsOnTargetsOfAnotherShape) {
  Loss::Record unused;
  EXPECT_THROW(
      MakeMeanSquaredError()->Forward(torch::zeros({1, 2, 1}), torch::zeros({1, 2}), unused),
      c10::Error);
}

}  // namespace
}  // namespace outerloop::meta
