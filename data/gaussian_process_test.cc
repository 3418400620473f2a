#include "data/gaussian_process.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace outerloop::data {
namespace {

constexpr GaussianProcess kProcess{.length_scale = 0.5, .deviation = 1.5, .noise = 0.3};

// The covariance of two observations by the formula.
double Formula(double x, double y, bool same) {
  return 2.25 * std::exp(-(x - y) * (x - y) / (2 * 0.25)) + (same ? 0.09 : 0);
}

std::vector<double> Unit(size_t size, size_t place) {
  std::vector<double> unit(size);
  unit[place] = 1;
  return unit;
}

// Observing unit vectors gives the columns of L; L L^T must be the covariance.
TEST(Observe, TakesTheSquareRootOfTheCovariance) {
  const std::vector<float> inputs = {-1, -0.75, 0.25, 0.5, 2};
  const size_t n = inputs.size();
  std::vector<std::vector<double>> columns;
  for (size_t k = 0; k < n; ++k) columns.push_back(Observe(kProcess, inputs, Unit(n, k)));
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      double covariance = 0;
      for (size_t k = 0; k < n; ++k) covariance += columns[k][i] * columns[k][j];
      EXPECT_NEAR(covariance, Formula(inputs[i], inputs[j], i == j), 1e-12) << i << ", " << j;
    }
  }
}

TEST(Observe, GivesTheFirstPointsWithoutTheOthers) {
  const std::vector<double> all = Observe(kProcess, {0, 1, 0.5f}, {0.3, -1.2, 0.7});
  const std::vector<double> two = Observe(kProcess, {0, 1}, {0.3, -1.2});
  EXPECT_EQ(two[0], all[0]);
  EXPECT_EQ(two[1], all[1]);
}

// Points in one place share the curve and differ by their noise alone.
TEST(Observe, KeepsItsPlaceWhereInputsCoincide) {
  const std::vector<double> y = Observe(kProcess, {1, 1, 1}, {0.5, 0.1, -0.2});
  for (const double value : y) EXPECT_TRUE(std::isfinite(value));
}

// By the formulas of conditional normal distributions, for one support point.
TEST(PredictiveLogLikelihood, IsThatOfTheConditionalDistribution) {
  const double k = Formula(0.2f, 0.6f, false), s = Formula(0.2f, 0.2f, true);
  const double mean = k / s * 1.25, variance = s - k * k / s;
  const double error = -0.5 - mean;
  const double expected =
      -0.5 * std::log(2 * std::numbers::pi * variance) - 0.5 * error * error / variance;
  EXPECT_NEAR(PredictiveLogLikelihood(kProcess, {0.2f}, {1.25f}, {0.6f}, {-0.5f}), expected, 1e-12);
}

// The chain rule: log p(a, b) = log p(a) + log p(b | a), whichever comes first.
TEST(PredictiveLogLikelihood, DoesNotDependOnTheOrderOfTheSupportSet) {
  const double one = PredictiveLogLikelihood(kProcess, {0, 1, 2}, {1, 0, -1}, {0.5f, 3}, {1, 1});
  const double other = PredictiveLogLikelihood(kProcess, {2, 0, 1}, {-1, 1, 0}, {0.5f, 3}, {1, 1});
  EXPECT_NEAR(one, other, 1e-12);
}

}  // namespace
}  // namespace outerloop::data
