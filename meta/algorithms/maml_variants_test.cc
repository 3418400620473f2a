// What later work added to MAML: learned inner rates and the multi-step loss.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/learner_testing.h"
#include "meta/algorithms/maml.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr int kSteps = 3;
constexpr double kRate = 0.1;

class MamlVariantsTest : public testing::TestWithParam<const char*> {
 protected:
  MamlVariantsTest() : case_(MakeLearnerCase(GetParam())) {}

  std::unique_ptr<const Algorithm> Maml(InnerRateKind rates, double early_loss_weight,
                                        bool second_order = true) const {
    return MakeMaml({.inner_steps = kSteps,
                     .inner_rate = kRate,
                     .second_order = second_order,
                     .rates = rates,
                     .early_loss_weight = early_loss_weight},
                    case_.learner);
  }

  // By name: of each tensor of the model, in step `step`, from an algorithm's parameters.
  Tensor RatesOf(const ParameterLayout& layout, const Tensor& parameters, int step) const {
    std::vector<Tensor> rates;
    for (const ParameterLayout::Entry& tensor : case_.learner->layout().entries()) {
      const Tensor of_steps = View(parameters, layout.at("rate." + tensor.name));
      rates.push_back(of_steps[step].expand({tensor.size}));
    }
    return torch::cat(rates);
  }

  // The model's parameters of an algorithm's: those before "rate".
  Tensor ModelOf(const Tensor& parameters) const {
    return parameters.narrow(0, 0, case_.learner->layout().size());
  }

  Tensor PlainQueryLoss(const Tensor& adapted, int64_t task) const {
    return case_.reference(adapted, case_.shard.query_inputs[task],
                           case_.shard.query_targets[task]);
  }

  const LearnerCase case_;
};

TEST_P(MamlVariantsTest, LearnsARateForEachTensorAndStep) {
  const auto maml = Maml(InnerRateKind::kPerTensorAndStep, /*early_loss_weight=*/0);
  const Tensor parameters = RandomParameters(*maml);
  const PlainLoss loss = [&](const Tensor& all, int64_t task) {
    std::vector<Tensor> rates;
    for (int k = 0; k < kSteps; ++k) rates.push_back(RatesOf(maml->layout(), all, k));
    return PlainQueryLoss(PlainDescent(case_.reference, ModelOf(all), case_.shard, task, rates),
                          task);
  };
  EXPECT_LT(RelativeError(maml->MetaGradient(parameters, case_.shard).gradient,
                          PlainGradient(loss, parameters, kTasks)),
            1e-9);
  ExpectCentralDifferences(*maml, parameters, case_.shard, kInnerLoopDifference);
  ExpectTasksIndependent(*maml, parameters, case_.shard);
}

TEST_P(MamlVariantsTest, StartsAllRatesFromTheInnerRate) {
  const auto maml = Maml(InnerRateKind::kPerTensorAndStep, 0);
  const auto fixed = Maml(InnerRateKind::kFixed, 0);
  const Tensor initial = maml->InitialParameters(/*seed=*/3);
  EXPECT_TRUE(torch::equal(ModelOf(initial), fixed->InitialParameters(3)));
  const size_t tensors = case_.learner->layout().entries().size();
  EXPECT_EQ(initial.size(0),
            case_.learner->layout().size() + kSteps * static_cast<int64_t>(tensors));
  const Tensor parameters = initial.to(torch::kDouble);
  const Tensor gradient = fixed->MetaGradient(ModelOf(parameters), case_.shard).gradient;
  EXPECT_LT(RelativeError(ModelOf(maml->MetaGradient(parameters, case_.shard).gradient), gradient),
            1e-6);  // The rates are 0.1 in single precision.
}

TEST_P(MamlVariantsTest, ScoresByTheRatesOfEachStep) {
  const auto maml = Maml(InnerRateKind::kPerTensorAndStep, /*early_loss_weight=*/0);
  const Tensor parameters = RandomParameters(*maml);
  const Tensor model = ModelOf(parameters);
  Tensor adapted = model.expand({kTasks, model.size(0)});
  for (int k = 0; k < kSteps; ++k) {
    const Learner::Derivative support = case_.learner->Differentiate(
        adapted, case_.shard.support_inputs, case_.shard.support_targets);
    adapted = adapted - RatesOf(maml->layout(), parameters, k) * support.gradient;
  }
  const Tensor expected =
      case_.learner->Score(case_.learner->PredictInductively(adapted, case_.shard.support_inputs,
                                                             case_.shard.query_inputs),
                           case_.shard.query_targets);
  const TaskScores scores = maml->Evaluate(parameters, case_.shard, {.inner_steps = {kSteps}});
  for (int64_t task = 0; task < kTasks; ++task) {
    EXPECT_FLOAT_EQ(scores.back().scores[static_cast<size_t>(task)], expected[task].item<float>());
  }
}

// Mean of the losses after steps 1, 2, 3 with weights 0.25, 0.25, 1.
TEST_P(MamlVariantsTest, WeighsTheLossesOfEarlierSteps) {
  const auto maml = Maml(InnerRateKind::kFixed, /*early_loss_weight=*/0.25);
  const Tensor parameters = RandomParameters(*maml);
  const PlainLoss loss = [&](const Tensor& model, int64_t task) {
    Tensor adapted = model, sum = torch::zeros({}, torch::kDouble);
    for (const double weight : {0.25, 0.25, 1.0}) {
      adapted = PlainDescent(case_.reference, adapted, case_.shard, task,
                             {torch::scalar_tensor(kRate, torch::kDouble)});
      sum = sum + weight / 1.5 * PlainQueryLoss(adapted, task);
    }
    return sum;
  };
  EXPECT_LT(RelativeError(maml->MetaGradient(parameters, case_.shard).gradient,
                          PlainGradient(loss, parameters, kTasks)),
            1e-9);
  ExpectCentralDifferences(*maml, parameters, case_.shard, kInnerLoopDifference);
}

// From all alike to the last alone over four outer steps: half way, a sixth of each of two.
TEST_P(MamlVariantsTest, LetsTheLossesOfEarlierStepsFade) {
  const auto maml = MakeMaml({.inner_steps = kSteps,
                              .inner_rate = kRate,
                              .early_loss_weight = 1,
                              .early_loss_decay_steps = 4},
                             case_.learner);
  const Tensor parameters = RandomParameters(*maml);
  const auto gradient = [&](const Algorithm& algorithm, uint64_t step) {
    return algorithm.MetaGradient(parameters, case_.shard, step).gradient;
  };
  EXPECT_TRUE(torch::equal(gradient(*maml, 1), gradient(*Maml(InnerRateKind::kFixed, 1), 1)));
  EXPECT_LT(RelativeError(gradient(*maml, 3), gradient(*Maml(InnerRateKind::kFixed, 0.25), 3)),
            1e-12);
  EXPECT_TRUE(torch::equal(gradient(*maml, 5), gradient(*Maml(InnerRateKind::kFixed, 0), 5)));
}

TEST_P(MamlVariantsTest, TakesBothTogether) {
  const auto maml = Maml(InnerRateKind::kPerTensorAndStep, /*early_loss_weight=*/1);
  ExpectCentralDifferences(*maml, RandomParameters(*maml), case_.shard, kInnerLoopDifference);
  ExpectTasksIndependent(*maml, RandomParameters(*maml), case_.shard);
}

// In first order the losses' gradients where they were taken add up, without Hessians between.
TEST_P(MamlVariantsTest, AddsUpTheGradientsOfEarlierStepsInFirstOrder) {
  const auto maml = Maml(InnerRateKind::kFixed, /*early_loss_weight=*/1, /*second_order=*/false);
  const Tensor parameters = RandomParameters(*maml);
  Tensor sum = torch::zeros_like(parameters);
  for (int steps = 1; steps <= kSteps; ++steps) {
    const auto up_to_here =
        MakeMaml({.inner_steps = steps, .inner_rate = kRate, .second_order = false}, case_.learner);
    sum += up_to_here->MetaGradient(parameters, case_.shard).gradient / kSteps;
  }
  EXPECT_LT(RelativeError(maml->MetaGradient(parameters, case_.shard).gradient, sum), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Models, MamlVariantsTest, testing::Values("Conv4", "Mlp"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace outerloop::meta
