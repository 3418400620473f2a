#include "client/report/axis.h"

#include <cmath>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::DoubleNear;
using ::testing::Pointwise;

TEST(AxisTest, MapsItsEndsAndWhatLiesBetween) {
  const Axis axis(2, 4, 100, 0);
  EXPECT_EQ(axis.Position(2), 100);
  EXPECT_EQ(axis.Position(4), 0);
  EXPECT_EQ(axis.Position(3), 50);
}

TEST(AxisTest, PutsASingleValueInTheMiddle) {
  EXPECT_NEAR(Axis(0.5, 0.5, 0, 10).Position(0.5), 5, 1e-12);
  EXPECT_NEAR(Axis(0, 0, 0, 10).Position(0), 5, 1e-12);
}

TEST(AxisTest, HasRoundTicks) {
  const auto near = [](std::vector<double> ticks) { return Pointwise(DoubleNear(1e-9), ticks); };
  EXPECT_THAT(Axis(0, 36000, 0, 1).Ticks(7), near({0, 10000, 20000, 30000}));
  EXPECT_THAT(Axis(0.97, 0.992, 0, 1).Ticks(6), near({0.97, 0.975, 0.98, 0.985, 0.99}));
  EXPECT_THAT(Axis(-0.5, 0.5, 0, 1).Ticks(3), near({-0.5, 0, 0.5}));
}

TEST(AxisTest, HasSomeTicksButNotTooManyInAnyRange) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-6, 6), low(-1, 1);
  for (int i = 0; i < 1000; ++i) {
    const double scale = std::pow(10, exponent(random));
    const double from = low(random) * scale;
    const std::vector<double> ticks = Axis(from, from + scale, 0, 1).Ticks(6);
    EXPECT_GE(ticks.size(), 2u) << from << " " << scale;
    EXPECT_LE(ticks.size(), 6u) << from << " " << scale;
  }
}

TEST(LogarithmicTicksTest, AreRoundNumbers) {
  EXPECT_THAT(LogarithmicTicks(0.07, 3, 8), Pointwise(DoubleNear(1e-9), {0.1, 0.2, 0.5, 1., 2.}));
  EXPECT_THAT(LogarithmicTicks(1e-3, 100, 8),
              Pointwise(DoubleNear(1e-9), {1e-3, 1e-2, 0.1, 1., 10., 100.}));
}

TEST(TickLabelTest, IsShort) {
  EXPECT_EQ(TickLabel(0.05, false), "0.05");
  EXPECT_EQ(TickLabel(12000, false), "12,000");
  EXPECT_EQ(TickLabel(-1234567, false), "-1,234,567");
  EXPECT_EQ(TickLabel(0.975, true), "97.5 %");
  EXPECT_EQ(TickLabel(0, false), "0");
}

}  // namespace
}  // namespace outerloop::client
