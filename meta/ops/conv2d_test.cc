#include "meta/ops/conv2d.h"

#include <cmath>

#include "gtest/gtest.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta {
namespace {

TEST(Conv2d, HasRightRulesWithStrideTwo) {
  torch::manual_seed(1);
  const auto layer =
      MakeConv2d({.channels = 2, .filters = 3, .kernel = 3, .stride = 2, .padding = 1});
  for (const int64_t size : {6, 7}) {
    ExpectRulesAreRight(*layer, RandomPoint(*layer, {3, 2, 2, size, size + 1}));
  }
}

TEST(Conv2d, HasRightRulesForOneChannelAndOneTask) {
  torch::manual_seed(2);
  const auto layer =
      MakeConv2d({.channels = 1, .filters = 2, .kernel = 3, .stride = 2, .padding = 1});
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {1, 3, 1, 5, 5}));
}

TEST(Conv2d, HasRightRulesWithOtherKernels) {
  torch::manual_seed(3);
  const auto layer =
      MakeConv2d({.channels = 2, .filters = 2, .kernel = 2, .stride = 1, .padding = 0});
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 2, 2, 4, 4}));
}

TEST(Conv2d, HasRightRulesWithBias) {
  torch::manual_seed(6);
  const auto layer = MakeConv2d({.channels = 2, .filters = 3, .padding = 1, .bias = true});
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 3, 2, 4, 5}));
}

// Nine pixels of two channels go into an output, and come out of nine outputs of three filters.
TEST(Conv2d, StartsAsItIsTold) {
  Conv2dOptions options = {.channels = 2, .filters = 3};
  EXPECT_NEAR(MakeConv2d(options)->parameters()[0].initial.high, std::sqrt(6.0 / 18), 1e-12);
  options.initial_weights = InitialWeights::kGlorotUniform;
  EXPECT_NEAR(MakeConv2d(options)->parameters()[0].initial.high, std::sqrt(6.0 / 45), 1e-12);
}

TEST(Conv2d, EqualsAConvolutionOfEachTask) {
  torch::manual_seed(4);
  const auto layer =
      MakeConv2d({.channels = 3, .filters = 4, .stride = 2, .padding = 1, .bias = true});
  const LayerPoint point = RandomPoint(*layer, {3, 2, 3, 7, 7});
  const torch::Tensor outputs = OutputsAt(*layer, point);
  for (int64_t task = 0; task < 3; ++task) {
    const torch::Tensor expected = torch::conv2d(point.inputs[task], point.parameters[0][task],
                                                 point.parameters[1][task], /*stride=*/2,
                                                 /*padding=*/1);
    EXPECT_TRUE(torch::allclose(outputs[task], expected, 1e-12, 1e-12));
  }
}

TEST(Conv2d, TakesOneRowOfParametersExpandedOverTasks) {
  torch::manual_seed(5);
  const auto layer = MakeConv2d({.channels = 2, .filters = 3});
  const LayerPoint point = RandomPoint(*layer, {2, 2, 2, 5, 5});
  const torch::Tensor row = point.parameters[0].narrow(0, 0, 1);
  Layer::Record unused;
  EXPECT_TRUE(torch::equal(
      layer->Forward({row.expand({2, 3, 2, 3, 3})}, point.inputs, unused),
      layer->Forward({row.expand({2, 3, 2, 3, 3}).contiguous()}, point.inputs, unused)));
}

TEST(Conv2d, KnowsItsOutputSize) {
  const Conv2dOptions options{.kernel = 3, .stride = 2, .padding = 1};
  EXPECT_EQ(Conv2dOutputSize(options, 28), 14);
  EXPECT_EQ(Conv2dOutputSize(options, 7), 4);
  EXPECT_EQ(Conv2dOutputSize(options, 1), 1);
}

}  // namespace
}  // namespace outerloop::meta
