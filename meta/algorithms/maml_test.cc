#include "meta/algorithms/maml.h"

#include <functional>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "meta/algorithms/learner_testing.h"
#include "meta/models/autograd_reference.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr double kRate = 0.1;

class MamlTest : public testing::TestWithParam<const char*> {
 protected:
  MamlTest()
      : case_(MakeLearnerCase(GetParam())),
        parameters_(RandomParameters(*Maml(/*inner_steps=*/1))) {}

  std::unique_ptr<const Algorithm> Maml(int inner_steps, bool second_order = true) const {
    return MakeMaml({.inner_steps = inner_steps, .inner_rate = kRate, .second_order = second_order},
                    case_.learner);
  }

  // The shard's parameters after `steps` inner steps, [T, P].
  Tensor Adapted(int steps) const {
    Tensor adapted = parameters_.expand({kTasks, parameters_.size(0)});
    for (int step = 0; step < steps; ++step) {
      adapted = adapted - kRate * case_.learner
                                      ->Differentiate(adapted, case_.shard.support_inputs,
                                                      case_.shard.support_targets)
                                      .gradient;
    }
    return adapted;
  }

  const LearnerCase case_;
  const Tensor parameters_;  // [P]
};

TEST_P(MamlTest, EqualsAutogradThroughTheInnerLoop) {
  for (const int steps : {0, 1, 3}) {
    const Tensor expected =
        AutogradMetaGradient(case_.reference, parameters_, case_.shard, steps, kRate);
    EXPECT_LT(RelativeError(Maml(steps)->MetaGradient(parameters_, case_.shard).gradient, expected),
              1e-9)
        << steps << " inner steps";
  }
}

TEST_P(MamlTest, EqualsCentralDifferencesOfTheLossAfterAdaptation) {
  for (const int steps : {0, 1, 3})
    ExpectCentralDifferences(*Maml(steps), parameters_, case_.shard, kInnerLoopDifference);
}

TEST_P(MamlTest, SumsWhatItsTasksGiveAlone) {
  const auto maml = Maml(/*inner_steps=*/3);
  ExpectTasksIndependent(*maml, parameters_, case_.shard);
  const TaskShard single = InSinglePrecision(case_.shard);
  const Tensor single_parameters = parameters_.to(torch::kFloat);
  Tensor sum = torch::zeros_like(single_parameters);
  for (int64_t task = 0; task < kTasks; ++task) {
    sum += maml->MetaGradient(single_parameters, OneTask(single, task)).gradient;
  }
  EXPECT_LT(RelativeError(maml->MetaGradient(single_parameters, single).gradient, sum), 1e-6);
}

TEST_P(MamlTest, IsThePlainGradientWithoutInnerSteps) {
  const ShardGradient actual = Maml(/*inner_steps=*/0)->MetaGradient(parameters_, case_.shard);
  const Learner::Derivative plain =
      case_.learner->Differentiate(Adapted(0), case_.shard.query_inputs, case_.shard.query_targets);
  EXPECT_TRUE(torch::equal(actual.gradient, plain.gradient.sum(0)));
}

TEST_P(MamlTest, IsTheGradientAtTheAdaptedParametersInFirstOrder) {
  const ShardGradient actual =
      Maml(/*inner_steps=*/2, /*second_order=*/false)->MetaGradient(parameters_, case_.shard);
  const Learner::Derivative at_adapted =
      case_.learner->Differentiate(Adapted(2), case_.shard.query_inputs, case_.shard.query_targets);
  EXPECT_LT(RelativeError(actual.gradient, at_adapted.gradient.sum(0)), 1e-13);
}

TEST_P(MamlTest, GivesTheSameBitsInEveryThread) {
  const auto maml = Maml(/*inner_steps=*/2);
  const TaskShard shard = InSinglePrecision(case_.shard);
  const Tensor parameters = parameters_.to(torch::kFloat);
  ShardGradient results[2];
  const auto compute = [&](ShardGradient& result) {
    at::set_num_threads(1);
    result = maml->MetaGradient(parameters, shard);
  };
  std::thread first(compute, std::ref(results[0])), second(compute, std::ref(results[1]));
  first.join();
  second.join();
  EXPECT_TRUE(torch::equal(results[0].gradient, results[1].gradient));
  EXPECT_EQ(results[0].loss, results[1].loss);
}

// Passes calls on and counts the records that are alive.
class RecordCounter final : public Learner {
 public:
  explicit RecordCounter(std::shared_ptr<const Learner> learner) : learner_(std::move(learner)) {}

  int most_at_once() const { return most_; }

  const ParameterLayout& layout() const override { return learner_->layout(); }
  Tensor InitialParameters(uint64_t seed) const override {
    return learner_->InitialParameters(seed);
  }
  std::vector<std::string> normalization_parameters() const override {
    return learner_->normalization_parameters();
  }
  Derivative Differentiate(const Tensor& parameters, const Tensor& inputs,
                           const Tensor& targets) const override {
    Derivative derivative = learner_->Differentiate(parameters, inputs, targets);
    derivative.record = std::make_unique<Counted>(std::move(derivative.record), alive_);
    most_ = std::max(most_, alive_);
    return derivative;
  }
  Tensor HessianVectorProduct(const Record& record, const Tensor& direction) const override {
    return learner_->HessianVectorProduct(*dynamic_cast<const Counted&>(record).record, direction);
  }
  Tensor Predict(const Tensor& parameters, const Tensor& inputs) const override {
    return learner_->Predict(parameters, inputs);
  }
  Tensor PredictInductively(const Tensor& parameters, const Tensor& support,
                            const Tensor& inputs) const override {
    return learner_->PredictInductively(parameters, support, inputs);
  }
  bool has_batch_statistics() const override { return learner_->has_batch_statistics(); }
  std::string metric() const override { return learner_->metric(); }
  Tensor Score(const Tensor& outputs, const Tensor& targets) const override {
    return learner_->Score(outputs, targets);
  }

 private:
  struct Counted final : Record {
    Counted(std::unique_ptr<Record> of, int& alive) : record(std::move(of)), count(alive) {
      ++count;
    }
    ~Counted() override { --count; }

    std::unique_ptr<Record> record;
    int& count;
  };

  const std::shared_ptr<const Learner> learner_;
  mutable int alive_ = 0;
  mutable int most_ = 0;
};

TEST_P(MamlTest, RecomputesToTheSameBitsWithOneRecordAtATime) {
  constexpr int kSteps = 4;
  const auto run = [&](bool recompute) {
    const auto counter = std::make_shared<RecordCounter>(case_.learner);
    const auto maml =
        MakeMaml({.inner_steps = kSteps, .inner_rate = kRate, .recompute = recompute}, counter);
    ShardGradient gradient = maml->MetaGradient(parameters_, case_.shard);
    return std::pair(std::move(gradient), counter->most_at_once());
  };
  const auto [kept, kept_records] = run(false);
  const auto [recomputed, recomputed_records] = run(true);
  EXPECT_TRUE(torch::equal(recomputed.gradient, kept.gradient));
  EXPECT_EQ(recomputed.loss, kept.loss);
  EXPECT_EQ(kept_records, kSteps + 1);  // And the query set's.
  EXPECT_EQ(recomputed_records, 1);
}

TEST_P(MamlTest, ScoresEveryAskedStepInEveryMode) {
  const TaskScores scores =
      Maml(/*inner_steps=*/1)->Evaluate(parameters_, case_.shard, {.inner_steps = {0, 3}});
  const bool transductive = case_.learner->has_batch_statistics();
  ASSERT_EQ(scores.size(), transductive ? 4 : 2);
  for (size_t i = 0; i < scores.size(); ++i) {
    EXPECT_EQ(scores[i].mode,
              transductive && i < 2 ? PredictionMode::kTransductive : PredictionMode::kInductive);
    EXPECT_EQ(scores[i].inner_steps, i % 2 == 0 ? 0 : 3);
    EXPECT_EQ(scores[i].metric, case_.learner->metric());
    EXPECT_EQ(scores[i].scores.size(), kTasks);
  }
  const Tensor expected =
      case_.learner->Score(case_.learner->PredictInductively(Adapted(3), case_.shard.support_inputs,
                                                             case_.shard.query_inputs),
                           case_.shard.query_targets);
  EXPECT_FLOAT_EQ(scores.back().scores[2], expected[2].item<float>());
}

INSTANTIATE_TEST_SUITE_P(Models, MamlTest, testing::Values("Conv4", "Mlp"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Maml, CountsRightAnswersOfClassifiersOnly) {
  const LearnerCase images = MakeLearnerCase("Conv4"), points = MakeLearnerCase("Mlp");
  const auto accuracy = [](const LearnerCase& c) {
    const auto maml = MakeMaml({.inner_steps = 1}, c.learner);
    return maml->MetaGradient(maml->InitialParameters(1).to(torch::kDouble), c.shard).accuracy;
  };
  ASSERT_TRUE(accuracy(images).has_value());
  EXPECT_GE(*accuracy(images), 0);
  EXPECT_LE(*accuracy(images), kTasks);
  EXPECT_FALSE(accuracy(points).has_value());
}

}  // namespace
}  // namespace outerloop::meta
