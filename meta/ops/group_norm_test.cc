#include "meta/ops/group_norm.h"

#include "gtest/gtest.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta {
namespace {

TEST(GroupNorm, HasRightRules) {
  torch::manual_seed(1);
  const auto layer = MakeGroupNorm({.channels = 6, .groups = 2});
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 3, 6, 2, 3}));
}

TEST(GroupNorm, HasRightRulesWithAGroupOfEachChannel) {
  torch::manual_seed(2);
  const auto layer = MakeGroupNorm({.channels = 2, .groups = 2});
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 2, 2, 3, 3}));
}

TEST(GroupNorm, EqualsLibTorchOfEachTask) {
  torch::manual_seed(3);
  const auto layer = MakeGroupNorm({.channels = 6, .groups = 3, .epsilon = 1e-2});
  const LayerPoint point = RandomPoint(*layer, {2, 4, 6, 3, 2});
  const torch::Tensor outputs = OutputsAt(*layer, point);
  for (int64_t task = 0; task < 2; ++task) {
    const torch::Tensor expected =
        torch::group_norm(point.inputs[task], /*num_groups=*/3, point.parameters[0][task],
                          point.parameters[1][task], /*eps=*/1e-2, /*cudnn_enabled=*/false);
    EXPECT_TRUE(torch::allclose(outputs[task], expected, 1e-12, 1e-12));
  }
}

TEST(GroupNorm, NormalizesEveryImageAlone) {
  torch::manual_seed(4);
  const auto layer = MakeGroupNorm({.channels = 4, .groups = 2});
  LayerPoint point = RandomPoint(*layer, {2, 3, 4, 2, 2});
  const torch::Tensor first = OutputsAt(*layer, point).select(1, 0);
  point.inputs.narrow(1, 1, 2).mul_(5);
  EXPECT_TRUE(torch::allclose(OutputsAt(*layer, point).select(1, 0), first, 1e-12, 1e-12));
  EXPECT_FALSE(layer->has_batch_statistics());
}

TEST(GroupNorm, RefusesGroupsThatDoNotDivideTheChannels) {
  EXPECT_THROW(MakeGroupNorm({.channels = 6, .groups = 4}), c10::ValueError);
}

}  // namespace
}  // namespace outerloop::meta
