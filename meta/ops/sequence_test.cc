#include "meta/ops/sequence.h"

#include "gtest/gtest.h"
#include "meta/ops/batch_norm.h"
#include "meta/ops/conv2d.h"
#include "meta/ops/flatten.h"
#include "meta/ops/layer_testing.h"
#include "meta/ops/linear.h"

namespace outerloop::meta {
namespace {

std::unique_ptr<const Layer> Network() {
  return MakeSequence({{"conv", MakeConv2d({.channels = 2, .filters = 3})},
                       {"norm", MakeBatchNorm({.channels = 3})},
                       {"", MakeFlatten()},
                       {"linear", MakeLinear({.inputs = 12, .outputs = 2})}});
}

std::vector<std::string> NamesOf(const Layer& layer) {
  std::vector<std::string> names;
  for (const Layer::ParameterSpec& spec : layer.parameters()) names.push_back(spec.name);
  return names;
}

TEST(Sequence, HasRightRules) {
  torch::manual_seed(1);
  const auto layer = Network();
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 3, 2, 4, 4}));
}

TEST(Sequence, HasRightRulesWhereWhatComesFirstHasNoParameters) {
  torch::manual_seed(2);
  const auto layer =
      MakeSequence({{"", MakeFlatten()}, {"linear", MakeLinear({.inputs = 12, .outputs = 2})}});
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 3, 3, 2, 2}));
}

TEST(Sequence, HasRightRulesWithinASequence) {
  torch::manual_seed(3);
  const auto layer =
      MakeSequence({{"first", Network()}, {"second", MakeLinear({.inputs = 2, .outputs = 2})}});
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 3, 2, 4, 4}));
}

TEST(Sequence, GivesBackItsInputsWithoutLayers) {
  torch::manual_seed(4);
  const auto layer = MakeSequence({});
  const LayerPoint point = RandomPoint(*layer, {2, 3, 4});
  EXPECT_TRUE(torch::equal(OutputsAt(*layer, point), point.inputs));
  ExpectRulesAreRight(*layer, point);
}

TEST(Sequence, NamesParametersAfterTheirLayers) {
  EXPECT_EQ(NamesOf(*Network()),
            (std::vector<std::string>{"conv.weight", "norm.scale", "norm.shift", "linear.weight",
                                      "linear.bias"}));
  const auto unnamed = MakeSequence({{"", MakeLinear({.inputs = 2, .outputs = 2})}});
  EXPECT_EQ(NamesOf(*unnamed), (std::vector<std::string>{"weight", "bias"}));
}

TEST(Sequence, TakesTheStatisticsOfAnotherBatchInEveryLayer) {
  torch::manual_seed(5);
  const auto layer = Network();
  const LayerPoint support = RandomPoint(*layer, {2, 4, 2, 4, 4});
  Layer::Record record;
  const torch::Tensor outputs = layer->Forward(support.parameters, support.inputs, record);
  const torch::Tensor one =
      layer->ForwardWithStatisticsOf(record, support.parameters, support.inputs.narrow(1, 2, 1));
  EXPECT_TRUE(torch::allclose(one, outputs.narrow(1, 2, 1), 1e-12, 1e-12));
  EXPECT_TRUE(layer->has_batch_statistics());
  EXPECT_FALSE(MakeSequence({{"", MakeFlatten()}})->has_batch_statistics());
}

}  // namespace
}  // namespace outerloop::meta
