#include "meta/algorithms/meta_sgd.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/learner_testing.h"
#include "meta/algorithms/maml.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

class MetaSgdTest : public testing::TestWithParam<const char*> {
 protected:
  MetaSgdTest() : case_(MakeLearnerCase(GetParam())), model_(case_.learner->layout().size()) {}

  std::unique_ptr<const Algorithm> MetaSgd(int inner_steps) const {
    return MakeMetaSgd({.inner_steps = inner_steps, .initial_rate = 0.1}, case_.learner);
  }

  const LearnerCase case_;
  const int64_t model_;  // Parameters.
};

TEST_P(MetaSgdTest, HasExactlyTwiceTheParameters) {
  const auto meta_sgd = MetaSgd(1);
  const auto& model = case_.learner->layout().entries();
  EXPECT_EQ(meta_sgd->layout().size(), 2 * model_);
  EXPECT_EQ(meta_sgd->layout().entries().size(), 2 * model.size());
  for (const ParameterLayout::Entry& tensor : model) {
    EXPECT_EQ(meta_sgd->layout().at("model." + tensor.name).shape, tensor.shape);
    EXPECT_EQ(meta_sgd->layout().at("rate." + tensor.name).shape, tensor.shape);
  }
}

TEST_P(MetaSgdTest, StartsFromTheModelsParametersAndOneRate) {
  const Tensor initial = MetaSgd(1)->InitialParameters(/*seed=*/4);
  EXPECT_TRUE(torch::equal(initial.narrow(0, 0, model_), case_.learner->InitialParameters(4)));
  EXPECT_TRUE(torch::equal(initial.narrow(0, model_, model_), torch::full({model_}, 0.1)));
}

TEST_P(MetaSgdTest, EqualsAutogradThroughTheInnerLoop) {
  for (const int steps : {0, 1, 3}) {
    const auto meta_sgd = MetaSgd(steps);
    const Tensor parameters = RandomParameters(*meta_sgd);
    const PlainLoss loss = [&](const Tensor& all, int64_t task) {
      const std::vector<Tensor> rates(static_cast<size_t>(steps), all.narrow(0, model_, model_));
      const Tensor adapted =
          PlainDescent(case_.reference, all.narrow(0, 0, model_), case_.shard, task, rates);
      return case_.reference(adapted, case_.shard.query_inputs[task],
                             case_.shard.query_targets[task]);
    };
    const Tensor expected = PlainGradient(loss, parameters, kTasks);
    const Tensor gradient = meta_sgd->MetaGradient(parameters, case_.shard).gradient;
    for (const int64_t part : {int64_t{0}, model_}) {
      const Tensor of_part = expected.narrow(0, part, model_);
      if (steps == 0 && part > 0) {
        EXPECT_TRUE(gradient.narrow(0, part, model_).eq(0).all().item<bool>());
      } else {
        EXPECT_LT(RelativeError(gradient.narrow(0, part, model_), of_part), 1e-9) << steps;
      }
    }
  }
}

TEST_P(MetaSgdTest, EqualsCentralDifferences) {
  for (const int steps : {1, 2}) {
    const auto meta_sgd = MetaSgd(steps);
    ExpectCentralDifferences(*meta_sgd, RandomParameters(*meta_sgd), case_.shard,
                             kInnerLoopDifference);
  }
}

TEST_P(MetaSgdTest, GivesEveryTaskItsOwnResults) {
  const auto meta_sgd = MetaSgd(2);
  ExpectTasksIndependent(*meta_sgd, RandomParameters(*meta_sgd), case_.shard);
}

TEST_P(MetaSgdTest, AdaptsAsMamlWhileAllRatesAreEqual) {
  const auto maml = MakeMaml({.inner_steps = 1, .inner_rate = 0.25}, case_.learner);
  const auto meta_sgd = MakeMetaSgd({.inner_steps = 1, .initial_rate = 0.25}, case_.learner);
  const Tensor parameters = meta_sgd->InitialParameters(/*seed=*/4).to(torch::kDouble);
  const Tensor model = parameters.narrow(0, 0, model_);
  const EvaluationOptions steps = {.inner_steps = {0, 1, 3}};
  const TaskScores expected = maml->Evaluate(model, case_.shard, steps);
  const TaskScores actual = meta_sgd->Evaluate(parameters, case_.shard, steps);
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) EXPECT_EQ(actual[i].scores, expected[i].scores);
}

INSTANTIATE_TEST_SUITE_P(Models, MetaSgdTest, testing::Values("Conv4", "Mlp"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace outerloop::meta
