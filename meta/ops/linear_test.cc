#include "meta/ops/linear.h"

#include "gtest/gtest.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta {
namespace {

TEST(Linear, HasRightRules) {
  torch::manual_seed(1);
  const auto layer = MakeLinear({.inputs = 4, .outputs = 3});
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 5, 4}));
}

TEST(Linear, HasRightRulesWithoutBias) {
  torch::manual_seed(2);
  const auto layer = MakeLinear({.inputs = 4, .outputs = 3, .bias = false});
  EXPECT_EQ(layer->parameters().size(), 1);
  ExpectRulesAreRight(*layer, RandomPoint(*layer, {2, 5, 4}));
}

TEST(Linear, MultipliesAndAdds) {
  const auto layer = MakeLinear({.inputs = 2, .outputs = 1});
  Layer::Record unused;
  const torch::Tensor outputs = layer->Forward(
      {torch::tensor({{{2.0, 3.0}}}, torch::kDouble), torch::tensor({{10.0}}, torch::kDouble)},
      torch::tensor({{{4.0, 5.0}, {0.0, 1.0}}}, torch::kDouble), unused);
  EXPECT_TRUE(torch::equal(outputs, torch::tensor({{{33.0}, {13.0}}}, torch::kDouble)));
}

}  // namespace
}  // namespace outerloop::meta
