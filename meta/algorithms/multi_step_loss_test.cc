#include "meta/algorithms/multi_step_loss.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;

std::vector<double> Weights(const MultiStepLoss& loss, uint64_t step) {
  std::vector<double> weights;
  for (int k = 0; k <= loss.inner_steps; ++k) weights.push_back(loss.WeightAfter(k, step));
  return weights;
}

TEST(MultiStepLossTest, IsTheLastLossByDefault) {
  EXPECT_THAT(Weights({.inner_steps = 3}, /*step=*/7), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(Weights({.inner_steps = 1, .early_weight = 1}, 7), ElementsAre(0, 1));
  EXPECT_THAT(Weights({.inner_steps = 0, .early_weight = 1, .decay_steps = 2}, 7), ElementsAre(1));
}

TEST(MultiStepLossTest, KeepsItsWeightsWithoutDecay) {
  const MultiStepLoss loss = {.inner_steps = 3, .early_weight = 0.5};
  for (const uint64_t step : {uint64_t{1}, uint64_t{1'000'000'000}}) {
    EXPECT_THAT(Weights(loss, step), ElementsAre(0, DoubleEq(0.25), DoubleEq(0.25), DoubleEq(0.5)));
  }
}

// The published code takes 1 / K at first and 1 / (K T) less after each of T epochs.
TEST(MultiStepLossTest, FallsAsThePublishedCodeDoes) {
  const MultiStepLoss loss = {.inner_steps = 5, .early_weight = 1, .decay_steps = 10};
  for (uint64_t step = 1; step <= 10; ++step) {
    const double early = 1.0 / 5 - static_cast<double>(step - 1) / (5 * 10);
    const double last = 1.0 / 5 + static_cast<double>(step - 1) * 4 / (5 * 10);
    EXPECT_THAT(
        Weights(loss, step),
        ElementsAre(0, DoubleNear(early, 1e-15), DoubleNear(early, 1e-15), DoubleNear(early, 1e-15),
                    DoubleNear(early, 1e-15), DoubleNear(last, 1e-15)));
  }
}

TEST(MultiStepLossTest, IsTheLastLossInTheEnd) {
  const MultiStepLoss loss = {.inner_steps = 3, .early_weight = 1, .decay_steps = 10};
  EXPECT_GT(loss.WeightAfter(1, 10), 0);
  EXPECT_THAT(Weights(loss, 11), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(Weights(loss, UINT64_MAX), ElementsAre(0, 0, 0, 1));
}

TEST(MultiStepLossTest, SaysHowLongItFades) {
  const MultiStepLoss loss = {.inner_steps = 3, .early_weight = 1, .decay_steps = 10};
  EXPECT_TRUE(loss.FadesAfter(1));
  EXPECT_TRUE(loss.FadesAfter(10));
  EXPECT_FALSE(loss.FadesAfter(11));
  for (const MultiStepLoss constant : {MultiStepLoss{.inner_steps = 3, .early_weight = 1},
                                       {.inner_steps = 3, .decay_steps = 10},
                                       {.inner_steps = 1, .early_weight = 1, .decay_steps = 10}}) {
    EXPECT_FALSE(constant.FadesAfter(1));
  }
}

}  // namespace
}  // namespace outerloop::meta
