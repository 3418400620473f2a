#include "meta/optimizers/sgd.h"

#include <vector>

#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

TEST(Sgd, StepsAgainstTheGradient) {
  const Sgd sgd({.rate = 0.5});
  OptimizerState state = sgd.InitialState(2);
  EXPECT_TRUE(state.empty());
  std::vector<float> parameters = {1, -2};
  sgd.Update(/*step=*/1, std::vector<float>{2, 8}, parameters, state);
  EXPECT_EQ(parameters, (std::vector<float>{0, -6}));
}

TEST(Sgd, RemembersADecayingSumOfGradients) {
  const Sgd sgd({.rate = 1, .momentum = 0.5});
  OptimizerState state = sgd.InitialState(1);
  EXPECT_EQ(state, (OptimizerState{{"m", {0}}}));
  std::vector<float> parameters = {0};
  sgd.Update(1, std::vector<float>{4}, parameters, state);
  EXPECT_EQ(parameters[0], -4);
  sgd.Update(2, std::vector<float>{0}, parameters, state);
  EXPECT_EQ(parameters[0], -6);
  sgd.Update(3, std::vector<float>{8}, parameters, state);
  EXPECT_EQ(parameters[0], -15);
  EXPECT_EQ(state.at("m")[0], 9);
}

TEST(Sgd, RoundsOnceFromDoublePrecision) {
  const Sgd sgd({.rate = 0.1});
  OptimizerState state;
  std::vector<float> parameters = {0.7f};
  const float gradient = 0.3f;
  sgd.Update(1, std::vector<float>{gradient}, parameters, state);
  EXPECT_EQ(parameters[0], static_cast<float>(double{0.7f} - 0.1 * double{gradient}));
}

TEST(Sgd, LetsTheRateDecay) {
  const Sgd sgd({.rate = 1, .decay_steps = 2});
  OptimizerState state;
  std::vector<float> parameters = {0};
  for (const uint64_t step : {1, 2, 3}) sgd.Update(step, std::vector<float>{4}, parameters, state);
  EXPECT_EQ(parameters[0], -4 - 2 - 0);
}

}  // namespace
}  // namespace outerloop::meta
