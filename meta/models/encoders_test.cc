#include <string>

#include "gtest/gtest.h"
#include "meta/models/autograd_reference.h"
#include "meta/models/model.h"
#include "meta/models/resnet12.h"
#include "meta/tensor_testing.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr int64_t kTasks = 3;
constexpr int64_t kExamples = 6;

// An encoder, small and in double precision, beside its reference.
struct Case {
  std::shared_ptr<const Encoder> encoder;
  TaskFeatures reference;
};

Case MakeCase(const std::string& name) {
  if (name == "Conv4") {
    std::shared_ptr<const Encoder> encoder =
        MakeConv4Encoder({.height = 20, .width = 20, .filters = 5});
    return {encoder, AutogradConv4Features(encoder->layout())};
  }
  if (name == "ResNet12") {
    std::shared_ptr<const Encoder> encoder = MakeEncoder(
        MakeResNet12({.channels = 1, .height = 20, .width = 20, .filters = {2, 3, 4, 5}}));
    return {encoder, AutogradResNet12Features(encoder->layout())};
  }
  std::shared_ptr<const Encoder> encoder =
      MakeMlpImageEncoder({.height = 20, .width = 20, .hidden = {9, 7}});
  return {encoder, AutogradMlpFeatures(encoder->layout(), 2)};
}

class EncoderTest : public testing::TestWithParam<const char*> {
 protected:
  EncoderTest() : case_(MakeCase(GetParam())) {
    at::set_num_threads(1);  // More would only wait for each other.
    torch::manual_seed(17);
    inputs_ = torch::rand({kTasks, kExamples, 1, 20, 20}, torch::kDouble);
    // Different for every task, and no scale 1, no shift or bias 0.
    const Encoder& encoder = *case_.encoder;
    const Tensor initial =
        DrawInitialParameters(encoder.layout(), encoder.initial_ranges(), /*seed=*/3);
    parameters_ = initial + 0.1 * torch::randn({kTasks, initial.size(0)}, torch::kDouble);
  }

  const Case case_;
  Tensor inputs_;
  Tensor parameters_;
};

TEST_P(EncoderTest, HasTheFeaturesAndGradientsOfAutograd) {
  Encoder::Encoding encoding = case_.encoder->Encode(parameters_, inputs_);
  ASSERT_EQ(encoding.features.size(2), case_.encoder->features());
  const Tensor feature_gradient = torch::randn_like(encoding.features);
  const Encoder::Gradients gradients =
      case_.encoder->Backward(feature_gradient, /*wants_inputs=*/true, *encoding.record);
  for (int64_t t = 0; t < kTasks; ++t) {
    const Tensor parameters = parameters_[t].clone().requires_grad_();
    const Tensor inputs = inputs_[t].clone().requires_grad_();
    const Tensor features = case_.reference(parameters, inputs);
    EXPECT_LT(RelativeError(encoding.features[t], features), 1e-12);
    const auto expected =
        torch::autograd::grad({features}, {parameters, inputs}, {feature_gradient[t]});
    EXPECT_LT(RelativeError(gradients.parameters[t], expected[0]), 1e-9);
    EXPECT_LT(RelativeError(gradients.inputs[t], expected[1]), 1e-9);
  }
}

TEST_P(EncoderTest, LeavesTheGradientOfInputsOutIfItIsNotWanted) {
  Encoder::Encoding encoding = case_.encoder->Encode(parameters_, inputs_);
  const Tensor feature_gradient = torch::randn_like(encoding.features);
  const Encoder::Gradients with =
      case_.encoder->Backward(feature_gradient, /*wants_inputs=*/true, *encoding.record);
  const Encoder::Gradients without =
      case_.encoder->Backward(feature_gradient, /*wants_inputs=*/false, *encoding.record);
  EXPECT_FALSE(without.inputs.defined());
  EXPECT_TRUE(torch::equal(without.parameters, with.parameters));
}

TEST_P(EncoderTest, EncodesABatchWithItsOwnStatisticsAsEncodeDoes) {
  const Encoder::Encoding encoding = case_.encoder->Encode(parameters_, inputs_);
  const Tensor again =
      case_.encoder->EncodeWithStatisticsOf(*encoding.record, parameters_, inputs_);
  EXPECT_LT(RelativeError(again, encoding.features), 1e-12);
}

// The first example's features, alone and beside others.
TEST_P(EncoderTest, EncodesEachInputAloneWithTheStatisticsOfAnotherBatch) {
  const Encoder::Encoding other = case_.encoder->Encode(parameters_, torch::rand_like(inputs_));
  const auto encode = [&](const Tensor& inputs) {
    return case_.encoder->EncodeWithStatisticsOf(*other.record, parameters_, inputs);
  };
  const Tensor alone = encode(inputs_.narrow(1, 0, 1));
  EXPECT_LT(RelativeError(alone, encode(inputs_).narrow(1, 0, 1)), 1e-12);
}

TEST_P(EncoderTest, SaysWhetherFeaturesDependOnEachOther) {
  Tensor others = inputs_.clone();
  others.narrow(1, 1, kExamples - 1).mul_(0.5);
  const Tensor before = case_.encoder->Encode(parameters_, inputs_).features.select(1, 0);
  const Tensor after = case_.encoder->Encode(parameters_, others).features.select(1, 0);
  EXPECT_EQ(case_.encoder->has_batch_statistics(), !torch::allclose(before, after, 1e-6, 1e-6));
}

TEST_P(EncoderTest, BuildsNoAutogradGraph) {
  const Encoder::Encoding encoding =
      case_.encoder->Encode(parameters_.clone().requires_grad_(), inputs_);
  EXPECT_FALSE(encoding.features.requires_grad());
}

INSTANTIATE_TEST_SUITE_P(Models, EncoderTest, testing::Values("Conv4", "ResNet12", "MlpImage"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Conv4Encoder, IsTheNetworkOfTheLearnerWithoutItsLastLayer) {
  const auto encoder = MakeConv4Encoder({});
  EXPECT_EQ(encoder->features(), 256);
  EXPECT_EQ(encoder->layout().size(), MakeConv4({.ways = 5})->layout().size() - 5 * 256 - 5);
}

}  // namespace
}  // namespace outerloop::meta
