#include "common/mean_and_interval.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace outerloop {
namespace {

// Quantiles as printed in tables of the t distribution.
TEST(StudentT975Test, EqualsTheTables) {
  EXPECT_NEAR(StudentT975(1), 12.7062, 5e-5);
  EXPECT_NEAR(StudentT975(2), 4.30265, 5e-6);
  EXPECT_NEAR(StudentT975(9), 2.26216, 5e-6);
  EXPECT_NEAR(StudentT975(99), 1.98422, 5e-6);
  EXPECT_NEAR(StudentT975(999), 1.96234, 5e-6);
  EXPECT_NEAR(StudentT975(999'999), 1.95997, 1e-5);
}

TEST(StudentT975Test, EqualsItsClosedFormsForOneAndTwoDegrees) {
  EXPECT_NEAR(StudentT975(1), std::tan(M_PI * 0.475), 1e-10);
  EXPECT_NEAR(StudentT975(2), 0.95 * std::sqrt(2 / (1 - 0.95 * 0.95)), 1e-12);
}

TEST(SummariseTest, GivesMeanAndInterval) {
  // Mean 5, sum of squares 32, s = sqrt(32 / 7), t(0.975, 7) = 2.364624.
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};
  const MeanAndInterval summary = Summarise(values);
  EXPECT_EQ(summary.mean, 5);
  EXPECT_NEAR(summary.ci95, 2.364624 * std::sqrt(32.0 / 7) / std::sqrt(8.0), 1e-6);
}

TEST(SummariseTest, EqualValuesHaveNoSpread) {
  const std::vector<double> values(1000, 0.25);
  EXPECT_EQ(Summarise(values).mean, 0.25);
  EXPECT_EQ(Summarise(values).ci95, 0);
}

TEST(SummariseTest, OneValueHasNoInterval) {
  const std::vector<double> values = {0.5};
  EXPECT_EQ(Summarise(values).mean, 0.5);
  EXPECT_TRUE(std::isnan(Summarise(values).ci95));
}

}  // namespace
}  // namespace outerloop
