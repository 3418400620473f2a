#include "meta/models/layered_learner.h"

#include "gtest/gtest.h"
#include "meta/ops/flatten.h"
#include "meta/ops/linear.h"
#include "meta/ops/mean_squared_error.h"

namespace outerloop::meta {
namespace {

std::shared_ptr<const Layer> SmallLinear() { return MakeLinear({.inputs = 4, .outputs = 1}); }

TEST(LayeredLearner, NamesParametersByLayer) {
  const LayeredLearner learner({{"", MakeFlatten()}, {"last", SmallLinear()}},
                               MakeMeanSquaredError());
  EXPECT_EQ(learner.layout().entries().size(), 2);
  EXPECT_EQ(learner.layout().at("last.bias").offset, 0);
  EXPECT_EQ(learner.layout().at("last.weight").shape, (std::vector<int64_t>{1, 4}));
}

TEST(LayeredLearner, RefusesTwoLayersOfOneName) {
  EXPECT_THROW(LayeredLearner({{"a", SmallLinear()}, {"a", SmallLinear()}}, MakeMeanSquaredError()),
               c10::Error);
}

TEST(LayeredLearner, RefusesANetworkWithoutParameters) {
  EXPECT_THROW(LayeredLearner({{"", MakeFlatten()}}, MakeMeanSquaredError()), c10::Error);
}

// H = (2 / N) X^T X for a linear network under the mean squared error.
TEST(LayeredLearner, HasTheKnownHessianOfLinearRegression) {
  torch::manual_seed(1);
  const LayeredLearner learner(
      {{"", MakeFlatten()}, {"last", MakeLinear({.inputs = 4, .outputs = 1, .bias = false})}},
      MakeMeanSquaredError());
  const torch::Tensor inputs = torch::randn({1, 6, 1, 2, 2}, torch::kDouble);
  const torch::Tensor x = inputs.view({6, 4});
  const Learner::Derivative derivative = learner.Differentiate(
      torch::randn({1, 4}, torch::kDouble), inputs, torch::randn({1, 6, 1}, torch::kDouble));
  const torch::Tensor direction = torch::randn({1, 4}, torch::kDouble);
  const torch::Tensor product = learner.HessianVectorProduct(*derivative.record, direction);
  const torch::Tensor expected = (2.0 / 6) * x.t().mm(x.mm(direction.t())).t();
  EXPECT_TRUE(torch::allclose(product, expected, 1e-12, 1e-12));
}

TEST(LayeredLearner, BuildsNoAutogradGraph) {
  const LayeredLearner learner({{"last", SmallLinear()}}, MakeMeanSquaredError());
  const torch::Tensor parameters = torch::ones({1, 5}).requires_grad_();
  const Learner::Derivative derivative =
      learner.Differentiate(parameters, torch::ones({1, 2, 4}), torch::zeros({1, 2, 1}));
  EXPECT_FALSE(derivative.gradient.requires_grad());
  EXPECT_FALSE(derivative.loss.requires_grad());
}

}  // namespace
}  // namespace outerloop::meta
