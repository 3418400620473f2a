#include "meta/ops/max_pool.h"

#include "gtest/gtest.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta {
namespace {

// Values of a window differ by 0.1 at least: no difference quotient turns the order round.
LayerPoint PointWithDistinctValues(const Layer& layer, const std::vector<int64_t>& sizes) {
  LayerPoint point = RandomPoint(layer, sizes);
  const int64_t count = point.inputs.numel();
  point.inputs = (0.1 * torch::randperm(count, torch::kDouble)).reshape(sizes);
  return point;
}

TEST(MaxPool, HasRightRules) {
  torch::manual_seed(1);
  const auto layer = MakeMaxPool();
  ExpectRulesAreRight(*layer, PointWithDistinctValues(*layer, {2, 3, 2, 4, 6}));
}

TEST(MaxPool, HasRightRulesWhereTheLastRowAndColumnAreInNoWindow) {
  torch::manual_seed(2);
  const auto layer = MakeMaxPool();
  ExpectRulesAreRight(*layer, PointWithDistinctValues(*layer, {2, 1, 3, 5, 7}));
}

TEST(MaxPool, TakesTheLargestOfEachWindow) {
  const auto layer = MakeMaxPool();
  const torch::Tensor inputs =
      torch::tensor({1., 2., -5., -6., 99., 4., 3., -8., -7., 99., 99., 99., 99., 99., 99.},
                    torch::kDouble)
          .reshape({1, 1, 1, 3, 5});
  Layer::Record record;
  EXPECT_TRUE(torch::equal(layer->Forward({}, inputs, record),
                           torch::tensor({4., -5.}, torch::kDouble).reshape({1, 1, 1, 1, 2})));
}

TEST(MaxPool, TakesTheFirstOfEqualsInReadingOrder) {
  const auto layer = MakeMaxPool();
  const torch::Tensor inputs = torch::tensor({0., 3., 3., 3.}, torch::kDouble);
  Layer::Record record;
  const torch::Tensor outputs = layer->Forward({}, inputs.reshape({1, 1, 1, 2, 2}), record);
  const torch::Tensor gradient =
      layer->Backward(torch::ones_like(outputs), /*wants_inputs=*/true, record).inputs;
  EXPECT_TRUE(torch::equal(gradient.flatten(), torch::tensor({0., 1., 0., 0.}, torch::kDouble)));
}

TEST(MaxPool, DoesNotMindTheOrderOfMemory) {
  torch::manual_seed(3);
  const auto layer = MakeMaxPool();
  const torch::Tensor inputs = torch::randn({2, 3, 4, 5, 6}, torch::kDouble);
  const torch::Tensor channels_last =
      inputs.permute({1, 3, 4, 0, 2}).contiguous().permute({3, 0, 4, 1, 2});
  Layer::Record one, other;
  EXPECT_TRUE(
      torch::equal(layer->Forward({}, inputs, one), layer->Forward({}, channels_last, other)));
}

}  // namespace
}  // namespace outerloop::meta
