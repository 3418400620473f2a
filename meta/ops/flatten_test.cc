#include "meta/ops/flatten.h"

#include "gtest/gtest.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta {
namespace {

TEST(Flatten, HasRightRules) {
  torch::manual_seed(1);
  const auto layer = MakeFlatten();
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 3, 2, 2, 3}));
}

TEST(Flatten, OrdersFeaturesByChannelRowAndColumnWhateverTheStrides) {
  const auto layer = MakeFlatten();
  const torch::Tensor images = torch::arange(24, torch::kDouble).view({1, 2, 3, 2, 2});
  const torch::Tensor channels_last =
      images.permute({1, 3, 4, 0, 2}).contiguous().permute({3, 0, 4, 1, 2});
  Layer::Record unused;
  const torch::Tensor expected = torch::arange(24, torch::kDouble).view({1, 2, 12});
  EXPECT_TRUE(torch::equal(layer->Forward({}, images, unused), expected));
  EXPECT_TRUE(torch::equal(layer->Forward({}, channels_last, unused), expected));
}

}  // namespace
}  // namespace outerloop::meta
