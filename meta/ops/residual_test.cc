#include "meta/ops/residual.h"

#include "gtest/gtest.h"
#include "meta/ops/batch_norm.h"
#include "meta/ops/conv2d.h"
#include "meta/ops/layer_testing.h"
#include "meta/ops/linear.h"

namespace outerloop::meta {
namespace {

NamedLayer Identity() { return {"", MakeSequence({})}; }

NamedLayer NormalizedConvolution(const std::string& name, int64_t kernel) {
  return {name,
          MakeSequence(
              {{"conv",
                MakeConv2d({.channels = 2, .filters = 3, .kernel = kernel, .padding = kernel / 2})},
               {"norm", MakeBatchNorm({.channels = 3})}})};
}

TEST(Residual, HasRightRules) {
  torch::manual_seed(1);
  const auto layer =
      MakeResidual(NormalizedConvolution("", 3), NormalizedConvolution("shortcut", 1));
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 3, 2, 4, 3}));
}

TEST(Residual, HasRightRulesBesideItsInputs) {
  torch::manual_seed(2);
  const auto linear = [] { return NamedLayer{"", MakeLinear({.inputs = 3, .outputs = 3})}; };
  for (const auto& layer :
       {MakeResidual(linear(), Identity()), MakeResidual(Identity(), linear())}) {
    ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 4, 3}));
  }
}

TEST(Residual, AddsWhatBothGive) {
  const auto layer = MakeResidual(Identity(), Identity());
  Layer::Record record;
  EXPECT_TRUE(torch::equal(layer->Forward({}, torch::ones({1, 2, 3}), record),
                           torch::full({1, 2, 3}, 2.0)));
}

TEST(Residual, NamesParametersAfterTheirBranches) {
  const auto layer =
      MakeResidual(NormalizedConvolution("", 3), NormalizedConvolution("shortcut", 1));
  std::vector<std::string> names;
  for (const Layer::ParameterSpec& spec : layer->parameters()) names.push_back(spec.name);
  EXPECT_EQ(names, (std::vector<std::string>{"conv.weight", "norm.scale", "norm.shift",
                                             "shortcut.conv.weight", "shortcut.norm.scale",
                                             "shortcut.norm.shift"}));
}

TEST(Residual, TakesTheStatisticsOfAnotherBatchInBothBranches) {
  torch::manual_seed(3);
  const auto layer =
      MakeResidual(NormalizedConvolution("", 3), NormalizedConvolution("shortcut", 1));
  const LayerPoint support = RandomPoint(*layer, {2, 4, 2, 3, 3});
  Layer::Record record;
  const torch::Tensor outputs = layer->Forward(support.parameters, support.inputs, record);
  const torch::Tensor one =
      layer->ForwardWithStatisticsOf(record, support.parameters, support.inputs.narrow(1, 2, 1));
  EXPECT_TRUE(torch::allclose(one, outputs.narrow(1, 2, 1), 1e-12, 1e-12));
  EXPECT_TRUE(MakeResidual(Identity(), NormalizedConvolution("", 1))->has_batch_statistics());
  EXPECT_FALSE(MakeResidual(Identity(), Identity())->has_batch_statistics());
}

}  // namespace
}  // namespace outerloop::meta
