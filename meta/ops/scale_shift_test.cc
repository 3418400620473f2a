#include "meta/ops/scale_shift.h"

#include "gtest/gtest.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta {
namespace {

TEST(ScaleShift, HasRightRules) {
  torch::manual_seed(1);
  const auto layer = MakeScaleShift(3);
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 4, 3, 2, 5}));
}

TEST(ScaleShift, MultipliesAndMovesEachChannelOfEachTask) {
  const auto layer = MakeScaleShift(2);
  const torch::Tensor scale = torch::tensor({1., 2., 3., 4.}).reshape({2, 2});
  const torch::Tensor shift = torch::tensor({10., 20., 30., 40.}).reshape({2, 2});
  Layer::Record record;
  const torch::Tensor outputs =
      layer->Forward({scale, shift}, torch::full({2, 1, 2, 1, 1}, 2.0), record);
  EXPECT_TRUE(torch::equal(outputs.flatten(), torch::tensor({12., 24., 36., 48.})));
}

}  // namespace
}  // namespace outerloop::meta
