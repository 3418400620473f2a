#include "meta/optimizers/adam.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

TEST(Adam, StartsFromZeros) {
  const OptimizerState state = Adam({}).InitialState(3);
  EXPECT_EQ(state, (OptimizerState{{"m", {0, 0, 0}}, {"v", {0, 0, 0}}}));
}

// After one step m / (1 - beta1) = g and v / (1 - beta2) = g^2, whatever the size of g.
TEST(Adam, MovesByTheRateAgainstTheSignAtFirst) {
  const Adam adam({.rate = 0.5});
  OptimizerState state = adam.InitialState(3);
  std::vector<float> parameters = {1, 1, 1};
  adam.Update(/*step=*/1, std::vector<float>{2, -0.001f, 0}, parameters, state);
  EXPECT_NEAR(parameters[0], 0.5, 1e-6);
  EXPECT_NEAR(parameters[1], 1.5, 1e-5);
  EXPECT_EQ(parameters[2], 1);
}

// The paper's algorithm in double precision throughout.
TEST(Adam, FollowsThePaper) {
  const AdamOptions options{.rate = 0.01, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6};
  const Adam adam(options);
  OptimizerState state = adam.InitialState(1);
  std::vector<float> parameters = {0.3f};
  double theta = parameters[0], m = 0, v = 0;
  for (int step = 1; step <= 100; ++step) {
    const float gradient = std::sin(static_cast<float>(step));
    adam.Update(step, std::vector<float>{gradient}, parameters, state);
    m = options.beta1 * m + (1 - options.beta1) * gradient;
    v = options.beta2 * v + (1 - options.beta2) * gradient * gradient;
    theta -= options.rate * (m / (1 - std::pow(options.beta1, step))) /
             (std::sqrt(v / (1 - std::pow(options.beta2, step))) + options.epsilon);
  }
  EXPECT_NEAR(parameters[0], theta, 1e-5);
  EXPECT_NEAR(state.at("m")[0], m, 1e-6);
  EXPECT_NEAR(state.at("v")[0], v, 1e-6);
}

// Under an unchanging gradient every step is as long as its rate.
TEST(Adam, LetsTheRateDecay) {
  const Adam adam({.rate = 1, .decay_steps = 2});
  OptimizerState state = adam.InitialState(1);
  std::vector<float> parameters = {0};
  for (const uint64_t step : {1, 2, 3}) adam.Update(step, std::vector<float>{4}, parameters, state);
  EXPECT_NEAR(parameters[0], -1 - 0.5 - 0, 1e-6);
}

// Computed by a second implementation, which rounds where the header says.
TEST(Adam, KeepsItsBits) {
  const Adam adam({});
  OptimizerState state = adam.InitialState(2);
  std::vector<float> parameters = {0.1f, -0.7f};
  for (int step = 1; step <= 10; ++step) {
    adam.Update(step, std::vector<float>{0.3f / step, 1e-3f * step}, parameters, state);
  }
  EXPECT_EQ(parameters, (std::vector<float>{0x1.7a021cp-4f, -0x1.6b70ecp-1f}));
}

TEST(Adam, GoesOnFromAKeptState) {
  const Adam adam({});
  const std::vector<float> gradient = {0.25f, -4};
  OptimizerState state = adam.InitialState(2);
  std::vector<float> parameters = {1, 2};
  adam.Update(1, gradient, parameters, state);
  OptimizerState kept = state;
  std::vector<float> other = parameters;
  adam.Update(2, gradient, parameters, state);
  Adam({}).Update(2, gradient, other, kept);
  EXPECT_EQ(parameters, other);
  EXPECT_EQ(state, kept);
}

}  // namespace
}  // namespace outerloop::meta
