// MAML whose inner steps have scales and shifts of normalisation of their own.
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/learner_testing.h"
#include "meta/algorithms/maml.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr int kSteps = 2;
constexpr double kRate = 0.1;

LearnerCase GroupedConv4Case() {
  at::set_num_threads(1);  // More would only wait for each other.
  torch::manual_seed(6);
  const Normalization normalization = {.kind = Normalization::Kind::kGroup, .groups = 3};
  std::shared_ptr<const Learner> learner = MakeConv4(
      {.height = 12, .width = 12, .filters = 6, .ways = 5, .normalization = normalization});
  return {learner, AutogradConv4Loss(learner->layout(), Pooling::kStrided, normalization),
          ImageShard()};
}

class MamlStepNormalizationTest : public testing::TestWithParam<const char*> {
 protected:
  MamlStepNormalizationTest()
      : case_(GetParam() == std::string("Conv4") ? MakeLearnerCase("Conv4") : GroupedConv4Case()) {
    const std::vector<std::string> names = case_.learner->normalization_parameters();
    names_ = {names.begin(), names.end()};
  }

  std::unique_ptr<const Algorithm> Maml(InnerRateKind rates = InnerRateKind::kFixed,
                                        double early_loss_weight = 0) const {
    return MakeMaml({.inner_steps = kSteps,
                     .inner_rate = kRate,
                     .rates = rates,
                     .early_loss_weight = early_loss_weight,
                     .step_normalization = true},
                    case_.learner);
  }

  Tensor ModelOf(const Tensor& all) const {
    return all.narrow(0, 0, case_.learner->layout().size());
  }

  // `parameters` [P] with set `step`, from 1, of an algorithm's parameters `all` in its place.
  Tensor WithSet(const ParameterLayout& layout, const Tensor& all, int step,
                 const Tensor& parameters) const {
    std::vector<Tensor> tensors;
    for (const ParameterLayout::Entry& entry : case_.learner->layout().entries()) {
      tensors.push_back(names_.count(entry.name) > 0
                            ? View(all, layout.at("normalization." + entry.name))[step - 1]
                            : View(parameters, entry).flatten());
    }
    return torch::cat(tensors);
  }

  // theta_`steps` of a task. Keeps the graph.
  Tensor PlainAdapted(const ParameterLayout& layout, const Tensor& all, int64_t task,
                      int steps) const {
    Tensor parameters = ModelOf(all);
    for (int k = 1; k <= steps; ++k) {
      parameters = PlainDescent(case_.reference, parameters, case_.shard, task,
                                {torch::scalar_tensor(kRate, torch::kDouble)});
      parameters = WithSet(layout, all, std::min(k, kSteps), parameters);
    }
    return parameters;
  }

  Tensor PlainQueryLoss(const Tensor& adapted, int64_t task) const {
    return case_.reference(adapted, case_.shard.query_inputs[task],
                           case_.shard.query_targets[task]);
  }

  const LearnerCase case_;
  std::set<std::string> names_;
};

TEST_P(MamlStepNormalizationTest, TakesScalesAndShiftsForNormalization) {
  EXPECT_EQ(names_.size(), 8u);
  EXPECT_EQ(names_.count("block1.norm.scale"), 1u);
  EXPECT_EQ(names_.count("block4.norm.shift"), 1u);
}

TEST_P(MamlStepNormalizationTest, HasTheMetaGradientOfAutograd) {
  const auto maml = Maml();
  const Tensor parameters = RandomParameters(*maml);
  const PlainLoss loss = [&](const Tensor& all, int64_t task) {
    return PlainQueryLoss(PlainAdapted(maml->layout(), all, task, kSteps), task);
  };
  EXPECT_LT(RelativeError(maml->MetaGradient(parameters, case_.shard).gradient,
                          PlainGradient(loss, parameters, kTasks)),
            1e-9);
  ExpectTasksIndependent(*maml, parameters, case_.shard);
}

// With rates of their own and queries' losses after every step.
TEST_P(MamlStepNormalizationTest, GoesTogetherWithOtherVariants) {
  const auto maml = Maml(InnerRateKind::kPerTensorAndStep, /*early_loss_weight=*/0.5);
  const Tensor parameters = RandomParameters(*maml);
  ExpectCentralDifferences(*maml, parameters, case_.shard, kInnerLoopDifference);
}

TEST_P(MamlStepNormalizationTest, StartsAllSetsFromTheModels) {
  const auto maml = Maml();
  const Tensor initial = maml->InitialParameters(/*seed=*/3);
  const auto plain = MakeMaml({.inner_steps = kSteps, .inner_rate = kRate}, case_.learner);
  EXPECT_TRUE(torch::equal(ModelOf(initial), plain->InitialParameters(3)));
  for (int k = 1; k <= kSteps; ++k) {
    EXPECT_TRUE(
        torch::equal(WithSet(maml->layout(), initial, k, ModelOf(initial)), ModelOf(initial)));
  }
}

// One step more than in training, with the last set.
TEST_P(MamlStepNormalizationTest, ScoresByTheSetsOfEachStep) {
  const auto maml = Maml();
  const Tensor parameters = RandomParameters(*maml);
  const TaskScores scores =
      maml->Evaluate(parameters, case_.shard, {.inner_steps = {0, 1, kSteps, kSteps + 1}});
  for (const ScoreSeries& series : scores) {
    if (series.mode != PredictionMode::kInductive) continue;
    for (int64_t task = 0; task < kTasks; ++task) {
      const Tensor variable = parameters.detach().clone().requires_grad_();
      const Tensor adapted =
          PlainAdapted(maml->layout(), variable, task, series.inner_steps).detach().unsqueeze(0);
      const TaskShard one = OneTask(case_.shard, task);
      const Tensor outputs =
          case_.learner->PredictInductively(adapted, one.support_inputs, one.query_inputs);
      EXPECT_FLOAT_EQ(series.scores[static_cast<size_t>(task)],
                      case_.learner->Score(outputs, one.query_targets).item<float>());
    }
  }
}

TEST_P(MamlStepNormalizationTest, HasNoSetsWithoutInnerSteps) {
  const auto maml =
      MakeMaml({.inner_steps = 0, .inner_rate = kRate, .step_normalization = true}, case_.learner);
  EXPECT_EQ(maml->layout().size(), case_.learner->layout().size());
}

INSTANTIATE_TEST_SUITE_P(Models, MamlStepNormalizationTest,
                         testing::Values("Conv4", "GroupedConv4"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace outerloop::meta
