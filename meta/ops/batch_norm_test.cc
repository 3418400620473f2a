#include "meta/ops/batch_norm.h"

#include "gtest/gtest.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta {
namespace {

TEST(BatchNorm, HasRightRules) {
  torch::manual_seed(1);
  const auto layer = MakeBatchNorm({.channels = 3});
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 3, 3, 4, 2}));
}

TEST(BatchNorm, EqualsLibTorchOfEachTask) {
  torch::manual_seed(2);
  const auto layer = MakeBatchNorm({.channels = 3, .epsilon = 1e-2});
  const LayerPoint point = RandomPoint(*layer, {2, 4, 3, 3, 3});
  const torch::Tensor outputs = OutputsAt(*layer, point);
  for (int64_t task = 0; task < 2; ++task) {
    const torch::Tensor expected = torch::batch_norm(
        point.inputs[task], point.parameters[0][task], point.parameters[1][task], {}, {},
        /*training=*/true, /*momentum=*/0, /*eps=*/1e-2, /*cudnn_enabled=*/false);
    EXPECT_TRUE(torch::allclose(outputs[task], expected, 1e-12, 1e-12));
  }
}

TEST(BatchNorm, StaysFiniteWhereAChannelIsConstant) {
  const auto layer = MakeBatchNorm({.channels = 1});
  Layer::Record record;
  const torch::Tensor one = torch::ones({1, 1}, torch::kDouble);
  const torch::Tensor outputs =
      layer->Forward({one, 3 * one}, torch::full({1, 2, 1, 2, 2}, 5.0, torch::kDouble), record);
  EXPECT_TRUE(torch::equal(outputs, torch::full_like(outputs, 3.0)));
}

TEST(BatchNorm, TakesStatisticsOfAnotherBatch) {
  torch::manual_seed(3);
  const auto layer = MakeBatchNorm({.channels = 2});
  const LayerPoint support = RandomPoint(*layer, {2, 4, 2, 3, 3});
  Layer::Record record;
  const torch::Tensor outputs = layer->Forward(support.parameters, support.inputs, record);
  const torch::Tensor one =
      layer->ForwardWithStatisticsOf(record, support.parameters, support.inputs.narrow(1, 2, 1));
  EXPECT_TRUE(torch::allclose(one, outputs.narrow(1, 2, 1), 1e-12, 1e-12));
  EXPECT_TRUE(layer->has_batch_statistics());
}

}  // namespace
}  // namespace outerloop::meta
