#include "meta/models/model.h"

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "meta/models/autograd_reference.h"
#include "meta/models/resnet12.h"
#include "meta/models/sequential.h"
#include "meta/ops/cross_entropy.h"
#include "meta/tensor_testing.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

// A network of three tasks, small and in double precision, beside its reference.
struct Case {
  std::shared_ptr<const Learner> learner;
  TaskLoss reference;
  Tensor inputs;           // [T, N, ...]
  Tensor targets;          // [T, N] or [T, N, 1]
  Tensor parameters = {};  // [T, P], different for every task.
};

constexpr int64_t kTasks = 3;
constexpr int64_t kExamples = 6;

Tensor Images() { return torch::rand({kTasks, kExamples, 1, 12, 12}, torch::kDouble); }
Tensor Labels() { return torch::randint(4, {kTasks, kExamples}, torch::kLong); }

// The initial parameters, moved at random so that no scale is 1 and no shift or bias 0.
Tensor RandomParameters(const Learner& learner) {
  const Tensor initial = learner.InitialParameters(/*seed=*/3).to(torch::kDouble);
  return initial + 0.1 * torch::randn({kTasks, initial.size(0)}, torch::kDouble);
}

Case Conv4Case() {
  std::shared_ptr<const Learner> learner =
      MakeConv4({.channels = 1, .height = 12, .width = 12, .filters = 5, .ways = 4});
  return {learner, AutogradConv4Loss(learner->layout()), Images(), Labels()};
}

// Images whose last rows or columns are in no window, of one block or another.
Case PooledConv4Case() {
  std::shared_ptr<const Learner> learner =
      MakeConv4({.height = 17, .width = 21, .filters = 5, .ways = 4, .pooling = Pooling::kMax});
  return {learner, AutogradConv4Loss(learner->layout(), Pooling::kMax),
          torch::rand({kTasks, kExamples, 1, 17, 21}, torch::kDouble), Labels()};
}

Case NormalizedConv4Case(const Normalization& normalization) {
  std::shared_ptr<const Learner> learner = MakeConv4(
      {.height = 12, .width = 12, .filters = 6, .ways = 4, .normalization = normalization});
  return {learner, AutogradConv4Loss(learner->layout(), Pooling::kStrided, normalization), Images(),
          Labels()};
}

// Every kind of layer that takes images.
constexpr char kSequential[] = R"pb(
  layers { convolution { filters: 6 kernel_size: 3 stride: 2 padding: 1 bias: true } }
  layers { relu { negative_slope: 0.1 } }
  layers {
    residual {
      layers { convolution { filters: 4 kernel_size: 3 stride: 1 padding: 1 } }
      layers { normalization { batch {} } }
      shortcut { convolution { filters: 4 kernel_size: 1 stride: 1 } }
    }
  }
  layers { max_pool {} }
  layers { normalization { group { groups: 2 } } }
  layers { global_average_pool {} }
  layers { linear { units: 7 } }
  layers { relu {} }
)pb";

// The same by hand.
Tensor SequentialLogits(const ParameterLayout& layout, const Tensor& parameters,
                        const Tensor& inputs) {
  const auto of = [&](const std::string& name) { return View(parameters, layout.at(name)); };
  const Tensor first = torch::leaky_relu(
      torch::conv2d(inputs, of("layers.0.weight"), of("layers.0.bias"), /*stride=*/2,
                    /*padding=*/1),
      0.1);
  const Tensor convolved =
      torch::conv2d(first, of("layers.2.layers.0.weight"), /*bias=*/{}, /*stride=*/1, 1);
  const Tensor normalized =
      torch::batch_norm(convolved, of("layers.2.layers.1.scale"), of("layers.2.layers.1.shift"), {},
                        {}, /*training=*/true, /*momentum=*/0, /*eps=*/1e-5, false);
  const Tensor sum = normalized + torch::conv2d(first, of("layers.2.shortcut.0.weight"));
  const Tensor grouped = torch::group_norm(torch::max_pool2d(sum, 2), 2, of("layers.4.scale"),
                                           of("layers.4.shift"), 1e-5, false);
  const Tensor hidden =
      torch::relu(torch::linear(grouped.mean({2, 3}), of("layers.6.weight"), of("layers.6.bias")));
  return torch::linear(hidden, of("linear.weight"), of("linear.bias"));
}

Case SequentialCase() {
  v1::Sequential network;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kSequential, &network));
  std::shared_ptr<const Learner> learner =
      MakeLearner(MakeSequential(network, {1, 12, 12}), /*outputs=*/4, MakeCrossEntropy());
  const ParameterLayout layout = learner->layout();
  return {learner,
          [layout](const Tensor& parameters, const Tensor& inputs, const Tensor& targets) {
            return torch::cross_entropy_loss(SequentialLogits(layout, parameters, inputs), targets);
          },
          Images(), Labels()};
}

Case ResNet12Case(const Normalization& normalization) {
  std::shared_ptr<const Learner> learner =
      MakeLearner(MakeResNet12({.channels = 2,
                                .height = 16,
                                .width = 19,
                                .filters = {2, 4, 4, 6},
                                .normalization = normalization}),
                  /*outputs=*/4, MakeCrossEntropy());
  return {learner, AutogradResNet12Loss(learner->layout(), normalization),
          torch::rand({kTasks, kExamples, 2, 16, 19}, torch::kDouble), Labels()};
}

Case ClassificationCase() {
  std::shared_ptr<const Learner> learner =
      MakeMlpClassification({.height = 12, .width = 12, .hidden = {9, 7}, .ways = 4});
  return {learner, AutogradMlpClassificationLoss(learner->layout(), 3), Images(), Labels()};
}

Case RegressionCase() {
  std::shared_ptr<const Learner> learner = MakeMlpRegression({.hidden = {8, 8}});
  return {learner, AutogradMlpRegressionLoss(learner->layout(), 3),
          torch::randn({kTasks, kExamples, 1}, torch::kDouble),
          torch::randn({kTasks, kExamples, 1}, torch::kDouble)};
}

Case GaussianRegressionCase() {
  std::shared_ptr<const Learner> learner = MakeMlpRegression(
      {.hidden = {8, 8}, .outputs = 2, .loss = RegressionLoss::kGaussianLikelihood});
  return {learner, AutogradMlpGaussianLoss(learner->layout(), 3),
          torch::randn({kTasks, kExamples, 1}, torch::kDouble),
          torch::randn({kTasks, kExamples, 2}, torch::kDouble)};
}

Case MakeCase(const std::string& name) {
  at::set_num_threads(1);  // More would only wait for each other.
  torch::manual_seed(11);
  if (name == "Conv4") return Conv4Case();
  if (name == "PooledConv4") return PooledConv4Case();
  if (name == "GroupedConv4") {
    return NormalizedConv4Case({.kind = Normalization::Kind::kGroup, .groups = 3});
  }
  if (name == "PlainConv4") return NormalizedConv4Case({.kind = Normalization::Kind::kNone});
  if (name == "Sequential") return SequentialCase();
  if (name == "ResNet12") return ResNet12Case({});
  if (name == "GroupedResNet12") {
    return ResNet12Case({.kind = Normalization::Kind::kGroup, .groups = 2});
  }
  if (name == "GaussianRegression") return GaussianRegressionCase();
  return name == "MlpClassification" ? ClassificationCase() : RegressionCase();
}

class ModelTest : public testing::TestWithParam<const char*> {
 protected:
  ModelTest() : case_(MakeCase(GetParam())) { case_.parameters = RandomParameters(*case_.learner); }
  Learner::Derivative Differentiate() const {
    return case_.learner->Differentiate(case_.parameters, case_.inputs, case_.targets);
  }
  Tensor RandomDirection() const { return torch::randn_like(case_.parameters); }

  Case case_;
};

TEST_P(ModelTest, HasTheLossAndGradientOfAutograd) {
  const Learner::Derivative derivative = Differentiate();
  for (int64_t t = 0; t < kTasks; ++t) {
    const Tensor loss = case_.reference(case_.parameters[t], case_.inputs[t], case_.targets[t]);
    EXPECT_LT(RelativeError(derivative.loss[t], loss), 1e-12);
    const Tensor gradient =
        AutogradGradient(case_.reference, case_.parameters[t], case_.inputs[t], case_.targets[t]);
    EXPECT_LT(RelativeError(derivative.gradient[t], gradient), 1e-9);
  }
}

TEST_P(ModelTest, HasTheHessianVectorProductOfAutograd) {
  const Tensor direction = RandomDirection();
  const Tensor product = case_.learner->HessianVectorProduct(*Differentiate().record, direction);
  for (int64_t t = 0; t < kTasks; ++t) {
    const Tensor expected = AutogradHessianVectorProduct(
        case_.reference, case_.parameters[t], case_.inputs[t], case_.targets[t], direction[t]);
    EXPECT_LT(RelativeError(product[t], expected), 1e-9);
  }
}

TEST_P(ModelTest, HasASymmetricHessian) {
  const Learner::Derivative derivative = Differentiate();
  const Tensor u = RandomDirection(), v = RandomDirection();
  const Tensor uhv = (u * case_.learner->HessianVectorProduct(*derivative.record, v)).sum(1);
  const Tensor vhu = (v * case_.learner->HessianVectorProduct(*derivative.record, u)).sum(1);
  EXPECT_LT(RelativeError(uhv, vhu), 1e-9);
}

TEST_P(ModelTest, PredictsTheOutputsItDifferentiates) {
  EXPECT_TRUE(torch::equal(case_.learner->Predict(case_.parameters, case_.inputs),
                           Differentiate().outputs));
}

// The first example's prediction, alone and beside others.
TEST_P(ModelTest, PredictsEachInputAloneInductively) {
  const Tensor support = torch::rand_like(case_.inputs);
  const Tensor first = case_.inputs.narrow(1, 0, 1);
  const Tensor together =
      case_.learner->PredictInductively(case_.parameters, support, case_.inputs);
  const Tensor alone = case_.learner->PredictInductively(case_.parameters, support, first);
  EXPECT_TRUE(torch::allclose(alone, together.narrow(1, 0, 1), 1e-12, 1e-12));
}

TEST_P(ModelTest, SaysWhetherPredictionsDependOnEachOther) {
  Tensor others = case_.inputs.clone();
  others.narrow(1, 1, kExamples - 1).mul_(0.5);
  const Tensor before = case_.learner->Predict(case_.parameters, case_.inputs).select(1, 0);
  const Tensor after = case_.learner->Predict(case_.parameters, others).select(1, 0);
  EXPECT_EQ(case_.learner->has_batch_statistics(), !torch::allclose(before, after, 1e-6, 1e-6));
}

TEST_P(ModelTest, WorksInSinglePrecision) {
  const Tensor targets =
      case_.targets.is_floating_point() ? case_.targets.to(torch::kFloat) : case_.targets;
  const Learner::Derivative single = case_.learner->Differentiate(
      case_.parameters.to(torch::kFloat), case_.inputs.to(torch::kFloat), targets);
  EXPECT_EQ(single.gradient.scalar_type(), torch::kFloat);
  EXPECT_LT(RelativeError(single.gradient.to(torch::kDouble), Differentiate().gradient), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Models, ModelTest,
                         testing::Values("Conv4", "PooledConv4", "GroupedConv4", "PlainConv4",
                                         "Sequential", "ResNet12", "GroupedResNet12",
                                         "MlpClassification", "MlpRegression",
                                         "GaussianRegression"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Conv4, HasTheParametersOfThePaper) {
  const auto learner = MakeConv4({});
  const ParameterLayout& layout = learner->layout();
  EXPECT_EQ(layout.at("block1.conv.weight").shape, (std::vector<int64_t>{64, 1, 3, 3}));
  EXPECT_EQ(layout.at("block4.conv.weight").shape, (std::vector<int64_t>{64, 64, 3, 3}));
  EXPECT_EQ(layout.at("block4.norm.shift").shape, (std::vector<int64_t>{64}));
  EXPECT_EQ(layout.at("linear.weight").shape, (std::vector<int64_t>{5, 256}));
  EXPECT_EQ(layout.size(), 64 * 9 + 3 * 64 * 64 * 9 + 8 * 64 + 5 * 256 + 5);
}

TEST(Conv4, HasTheFeaturesOfMiniImageNetWithMaximums) {
  const Conv4Options options = {
      .channels = 3, .height = 84, .width = 84, .filters = 32, .ways = 5, .pooling = Pooling::kMax};
  EXPECT_EQ(MakeConv4(options)->layout().at("linear.weight").shape,
            (std::vector<int64_t>{5, 32 * 5 * 5}));
}

TEST(Conv4, HasABiasInsteadOfNormalization) {
  const auto learner = MakeConv4({.normalization = {.kind = Normalization::Kind::kNone}});
  EXPECT_EQ(learner->layout().at("block2.conv.bias").shape, (std::vector<int64_t>{64}));
  EXPECT_EQ(learner->layout().size(), MakeConv4({})->layout().size() - 4 * 64);
}

TEST(Conv4, RefusesImagesThatFourMaximumsLeaveNothingOf) {
  EXPECT_NO_THROW(MakeConv4({.height = 16, .width = 16, .pooling = Pooling::kMax}));
  EXPECT_THROW(MakeConv4({.height = 16, .width = 15, .pooling = Pooling::kMax}), c10::ValueError);
}

// Computed by a second implementation of the generator.
TEST(Conv4, StartsFromTheSameNumbersForever) {
  const auto learner = MakeConv4({});
  const Tensor parameters = learner->InitialParameters(/*seed=*/1);
  const ParameterLayout& layout = learner->layout();
  const Tensor weight = View(parameters, layout.at("block1.conv.weight")).flatten();
  const Tensor linear = View(parameters, layout.at("linear.weight")).flatten();
  EXPECT_EQ(weight[0].item<float>(), 0.6438576f);
  EXPECT_EQ(weight[1].item<float>(), -0.3598586f);
  EXPECT_EQ(linear[0].item<float>(), -0.04331372f);
  EXPECT_TRUE(View(parameters, layout.at("block3.norm.scale")).eq(1).all().item<bool>());
  EXPECT_TRUE(View(parameters, layout.at("block3.norm.shift")).eq(0).all().item<bool>());
  EXPECT_TRUE(View(parameters, layout.at("linear.bias")).eq(0).all().item<bool>());
}

TEST(Mlp, HasTheParametersOfThePaper) {
  const auto learner = MakeMlpRegression({});
  EXPECT_EQ(learner->layout().size(), 40 + 40 + 40 * 40 + 40 + 40 + 1);
  EXPECT_EQ(learner->layout().at("linear3.weight").shape, (std::vector<int64_t>{1, 40}));
}

}  // namespace
}  // namespace outerloop::meta
