#include "meta/ops/global_average_pool.h"

#include "gtest/gtest.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta {
namespace {

TEST(GlobalAveragePool, HasRightRules) {
  torch::manual_seed(1);
  const auto layer = MakeGlobalAveragePool();
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 3, 2, 4, 3}));
}

TEST(GlobalAveragePool, TakesTheMeanOfEachChannel) {
  const auto layer = MakeGlobalAveragePool();
  const torch::Tensor images =
      torch::tensor({1., 2., 3., 6., 10., 20., 30., 60.}).reshape({1, 1, 2, 2, 2});
  Layer::Record record;
  EXPECT_TRUE(torch::equal(layer->Forward({}, images, record),
                           torch::tensor({3., 30.}).reshape({1, 1, 2})));
}

}  // namespace
}  // namespace outerloop::meta
