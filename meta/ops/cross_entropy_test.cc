#include "meta/ops/cross_entropy.h"

#include <cmath>

#include "gtest/gtest.h"
#include "meta/ops/loss_testing.h"

namespace outerloop::meta {
namespace {

TEST(CrossEntropy, HasRightRules) {
  torch::manual_seed(1);
  const torch::Tensor targets = torch::randint(5, {3, 4}, torch::kLong);
  ExpectLossRulesAreRight(*MakeCrossEntropy(), torch::randn({3, 4, 5}, torch::kDouble), targets);
}

TEST(CrossEntropy, IsTheLogOfTheNumberOfClassesForEqualLogits) {
  Loss::Record unused;
  const torch::Tensor loss = MakeCrossEntropy()->Forward(
      torch::zeros({2, 3, 5}, torch::kDouble), torch::zeros({2, 3}, torch::kLong), unused);
  EXPECT_EQ(loss.sizes(), std::vector<int64_t>{2});
  EXPECT_NEAR(loss[1].item<double>(), std::log(5.0), 1e-15);
}

TEST(CrossEntropy, StaysFiniteForLargeLogits) {
  Loss::Record record;
  const auto loss = MakeCrossEntropy();
  const torch::Tensor value = loss->Forward(torch::tensor({{{1e4, -1e4}}}, torch::kFloat),
                                            torch::ones({1, 1}, torch::kLong), record);
  EXPECT_EQ(value[0].item<float>(), 2e4f);
  EXPECT_TRUE(loss->Backward(record).isfinite().all().item<bool>());
}

TEST(CrossEntropy, ScoresTheFractionOfRightClasses) {
  const torch::Tensor logits =
      torch::tensor({{{1.0, 2.0}, {3.0, 0.0}}, {{1.0, 2.0}, {0.0, 3.0}}}, torch::kDouble);
  const torch::Tensor targets = torch::tensor({{1, 1}, {1, 1}}, torch::kLong);
  const auto loss = MakeCrossEntropy();
  EXPECT_EQ(loss->metric(), "accuracy");
  EXPECT_TRUE(
      torch::equal(loss->Score(logits, targets), torch::tensor({0.5, 1.0}, torch::kDouble)));
}

TEST(CrossEntropy, ThrowsOnATargetThatIsNoClass) {
  Loss::Record unused;
  EXPECT_THROW(MakeCrossEntropy()->Forward(torch::zeros({1, 1, 5}),
                                           torch::full({1, 1}, 5, torch::kLong), unused),
               c10::Error);
}

}  // namespace
}  // namespace outerloop::meta
