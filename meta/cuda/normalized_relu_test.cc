#include "meta/cuda/normalized_relu.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cuda/block_testing.h"
#include "meta/cuda/normalized_relu_testing.h"
#include "meta/ops/layer_testing.h"

namespace outerloop::meta::cuda {
namespace {

constexpr int64_t kTasks = 2, kImages = 3, kChannels = 4;

// Sizes both even, and both odd: then the last row and column belong to no window.
struct Case {
  const char* name;
  bool pools;
  int64_t height, width;
};
const Case kCases[] = {{"Plain", false, 5, 4},
                       {"PooledEven", true, 6, 4},
                       {"PooledOdd", true, 7, 5},
                       {"PooledToOnePixel", true, 2, 3}};

std::unique_ptr<const Layer> Fused(bool pools) {
  return MakeNormalizedRelu({.channels = kChannels, .pools = pools},
                            std::make_shared<HostBlockKernels>());
}

class NormalizedReluTest : public testing::TestWithParam<Case> {
 protected:
  std::vector<int64_t> Sizes() const {
    return {kTasks, kImages, kChannels, GetParam().height, GetParam().width};
  }

  const std::unique_ptr<const Layer> fused_ = Fused(GetParam().pools);
  const std::unique_ptr<const Layer> one_by_one_ =
      MakeOneByOne({.channels = kChannels, .pools = GetParam().pools});
  const LayerPoint point_ = RandomPoint(*one_by_one_, Sizes());
  const LayerPoint direction_ = RandomPoint(*one_by_one_, Sizes());
};

TEST_P(NormalizedReluTest, HasTheParametersOfTheNormalisation) {
  const auto expected = one_by_one_->parameters(), actual = fused_->parameters();
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i].name, expected[i].name);
    EXPECT_EQ(actual[i].shape, expected[i].shape);
    EXPECT_EQ(actual[i].initial.low, expected[i].initial.low);
    EXPECT_EQ(actual[i].initial.high, expected[i].initial.high);
    EXPECT_EQ(actual[i].normalizes, expected[i].normalizes);
  }
  EXPECT_TRUE(fused_->has_batch_statistics());
}

TEST_P(NormalizedReluTest, IsItsLayersOneAfterTheOther) {
  const RuleResults expected = RunAll(*one_by_one_, point_, direction_);
  ExpectAllClose(RunAll(*fused_, point_, direction_), expected, 1e-12);
  ExpectAllClose(RunAll(*fused_, point_, direction_, /*wants_inputs=*/false),
                 RunAll(*one_by_one_, point_, direction_, /*wants_inputs=*/false), 1e-12);
}

TEST_P(NormalizedReluTest, IsSoInSinglePrecision) {
  const auto single = [](const torch::Tensor& tensor) { return tensor.to(torch::kFloat); };
  const LayerPoint point = Changed(point_, single), direction = Changed(direction_, single);
  ExpectAllClose(RunAll(*fused_, point, direction), RunAll(*one_by_one_, point, direction), 2e-5);
}

TEST_P(NormalizedReluTest, DifferentiatesItself) {
  ExpectBackwardIsTheGradient(*fused_, point_, direction_);
  ExpectTangentsAreDerivatives(*fused_, point_, direction_);
}

TEST_P(NormalizedReluTest, TakesConstantInputs) {
  LayerPoint direction = direction_;
  direction.inputs = torch::zeros_like(point_.inputs);
  const RuleResults expected = RunAll(*one_by_one_, point_, direction);
  direction.inputs = torch::Tensor();
  ExpectAllClose(RunAll(*fused_, point_, direction), expected, 1e-12);
}

TEST_P(NormalizedReluTest, GivesATaskTheSameBitsAloneAndBesideOthers) {
  const auto task = [](const LayerPoint& point, int64_t number) {
    return Changed(point, [number](const torch::Tensor& all) { return all.narrow(0, number, 1); });
  };
  const RuleResults together = RunAll(*fused_, point_, direction_);
  for (int64_t number = 0; number < kTasks; ++number) {
    const RuleResults alone = RunAll(*fused_, task(point_, number), task(direction_, number));
    EXPECT_TRUE(torch::equal(alone.outputs[0], together.outputs[number]));
    EXPECT_TRUE(
        torch::equal(alone.gradient_tangents.inputs[0], together.gradient_tangents.inputs[number]));
    EXPECT_TRUE(torch::equal(alone.gradient_tangents.parameters[0][0],
                             together.gradient_tangents.parameters[0][number]));
  }
}

TEST_P(NormalizedReluTest, TakesStatisticsOfAnotherBatch) {
  const torch::Tensor inputs = 2 * torch::randn(Sizes(), torch::kDouble) + 1;
  const auto outputs = [&](const Layer& layer) {
    Layer::Record record;
    layer.Forward(point_.parameters, point_.inputs, record);
    return layer.ForwardWithStatisticsOf(record, point_.parameters, inputs);
  };
  ExpectClose(outputs(*fused_), outputs(*one_by_one_), 1e-12, "outputs");
}

// Both in outputs and in what is learned from, so that a step is known for what it is.
TEST_P(NormalizedReluTest, PassesNaNOn) {
  LayerPoint point = point_;
  point.inputs = point.inputs.clone();
  point.inputs[1][0][2][0][0] = std::numeric_limits<double>::quiet_NaN();
  const RuleResults results = RunAll(*fused_, point, direction_);
  EXPECT_TRUE(results.outputs[1].select(1, 2).isnan().all().item<bool>());
  EXPECT_TRUE(results.gradients.parameters[0][1][2].isnan().item<bool>());
  EXPECT_FALSE(results.outputs[0].isnan().any().item<bool>());
  EXPECT_FALSE(results.gradients.parameters[0][1][0].isnan().item<bool>());
}

INSTANTIATE_TEST_SUITE_P(Shapes, NormalizedReluTest, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

// Equal values: the first in reading order wins, as max_pool.h says.
TEST(NormalizedReluTies, GoToTheFirst) {
  const auto fused =
      MakeNormalizedRelu({.channels = 1, .pools = true}, std::make_shared<HostBlockKernels>());
  const torch::Tensor inputs =
      torch::tensor({0.0, 1.0, 1.0, 1.0}, torch::kDouble).view({1, 1, 1, 2, 2});
  const Layer::Parameters parameters = {torch::ones({1, 1}, torch::kDouble),
                                        torch::ones({1, 1}, torch::kDouble)};
  Layer::Record record;
  fused->Forward(parameters, inputs, record);
  const torch::Tensor one = torch::ones({1, 1, 1, 1, 1}, torch::kDouble);
  const torch::Tensor gradient = fused->Backward(one, /*wants_inputs=*/true, record).inputs;
  EXPECT_GT(gradient[0][0][0][0][1].item<double>(), 0);
  EXPECT_LT(gradient[0][0][0][1][0].item<double>(), 0);
  EXPECT_LT(gradient[0][0][0][1][1].item<double>(), 0);
}

}  // namespace
}  // namespace outerloop::meta::cuda
