#include "meta/ops/gaussian_likelihood.h"

#include <cmath>

#include "gtest/gtest.h"
#include "meta/ops/loss_testing.h"

namespace outerloop::meta {
namespace {

TEST(GaussianLikelihood, HasRightRules) {
  torch::manual_seed(1);
  const auto loss = MakeGaussianLikelihood();
  ExpectLossRulesAreRight(*loss, torch::randn({2, 5, 6}, torch::kDouble),
                          torch::randn({2, 5, 3}, torch::kDouble));
}

// At s = log(e - 1), softplus(s) = 1, so sigma = 1: the densities of errors 0 and 2.
TEST(GaussianLikelihood, IsTheDensityOfANormalDistribution) {
  const auto loss = MakeGaussianLikelihood();
  const double s = std::log(std::exp(1.0) - 1);
  const torch::Tensor outputs = torch::tensor({3.0, s, 3.0, s}, torch::kDouble).reshape({1, 2, 2});
  const torch::Tensor targets = torch::tensor({3.0, 5.0}, torch::kDouble).reshape({1, 2, 1});
  Loss::Record record;
  const double expected = 0.5 * std::log(2 * M_PI) + 1;  // (0 + 2^2 / 2) / 2
  EXPECT_NEAR(loss->Forward(outputs, targets, record).item<double>(), expected, 1e-12);
  EXPECT_NEAR(loss->Score(outputs, targets).item<double>(), -expected, 1e-12);
  EXPECT_EQ(loss->metric(), "log_likelihood");
}

TEST(GaussianLikelihood, SumsOverValuesAndTakesTheMeanOverExamples) {
  torch::manual_seed(2);
  const auto loss = MakeGaussianLikelihood();
  const torch::Tensor means = torch::randn({2, 3, 2}, torch::kDouble);
  const torch::Tensor s = torch::randn({2, 3, 2}, torch::kDouble);
  const torch::Tensor targets = torch::randn({2, 3, 2}, torch::kDouble);
  torch::Tensor expected = torch::zeros({2}, torch::kDouble);
  for (int64_t value = 0; value < 2; ++value) {
    const auto one = [&](const torch::Tensor& all) { return all.narrow(-1, value, 1); };
    Loss::Record record;
    expected += loss->Forward(torch::cat({one(means), one(s)}, -1), one(targets), record);
  }
  Loss::Record record;
  EXPECT_TRUE(torch::allclose(loss->Forward(torch::cat({means, s}, -1), targets, record), expected,
                              1e-12, 1e-12));
}

TEST(GaussianLikelihood, RefusesTargetsOfAnotherShape) {
  const auto loss = MakeGaussianLikelihood();
  Loss::Record record;
  EXPECT_THROW(loss->Forward(torch::zeros({1, 2, 4}), torch::zeros({1, 2, 4}), record), c10::Error);
}

}  // namespace
}  // namespace outerloop::meta
