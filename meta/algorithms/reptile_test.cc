#include "meta/algorithms/reptile.h"

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/learner_testing.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr double kRate = 0.01;

// Relative errors. Adam divides gradients that are nothing but rounding by its epsilon, 1e-8.
constexpr double kExact = 1e-9;
constexpr double kExactForAdam = 1e-6;

class ReptileTest : public testing::TestWithParam<const char*> {
 protected:
  ReptileTest() : case_(MakeLearnerCase(GetParam())), parameters_(RandomParameters(*Reptile({}))) {}

  std::unique_ptr<const Algorithm> Reptile(const ReptileOptions& options) const {
    return MakeReptile(options, case_.learner);
  }

  // A task's support loss, alone, over the examples `batch` of it.
  Tensor PlainSupportLoss(const Tensor& parameters, int64_t task,
                          const std::vector<int64_t>& batch) const {
    const Tensor index = torch::tensor(batch, torch::kLong);
    return case_.reference(parameters, case_.shard.support_inputs[task].index_select(0, index),
                           case_.shard.support_targets[task].index_select(0, index));
  }

  // The sum over tasks of parameters_ less what one of LibTorch's optimizers makes of them, with
  // one batch a step.
  template <class Optimizer>
  Tensor PlainDifference(const std::vector<std::vector<int64_t>>& batches,
                         const auto& options) const {
    Tensor sum = torch::zeros_like(parameters_);
    for (int64_t task = 0; task < kTasks; ++task) {
      Tensor phi = parameters_.clone().requires_grad_();
      Optimizer optimizer({phi}, options);
      for (const std::vector<int64_t>& batch : batches) {
        optimizer.zero_grad();
        PlainSupportLoss(phi, task, batch).backward();
        optimizer.step();
      }
      sum += parameters_ - phi.detach();
    }
    return sum;
  }

  const LearnerCase case_;
  const Tensor parameters_;  // [P]
};

const std::vector<int64_t> kAll = {0, 1, 2, 3, 4};
static_assert(kSupport == 5);

TEST_P(ReptileTest, IsTheDifferenceThatSgdMakes) {
  const auto reptile =
      Reptile({.inner_steps = 3, .inner_rate = kRate, .optimizer = InnerOptimizer::kSgd});
  EXPECT_LT(RelativeError(reptile->MetaGradient(parameters_, case_.shard).gradient,
                          PlainDifference<torch::optim::SGD>({kAll, kAll, kAll},
                                                             torch::optim::SGDOptions(kRate))),
            kExact);
}

TEST_P(ReptileTest, IsTheDifferenceThatAdamWithoutFirstMomentsMakes) {
  const auto reptile = Reptile({.inner_steps = 3, .inner_rate = kRate});
  const auto adam = torch::optim::AdamOptions(kRate).betas({0.0, 0.999}).eps(1e-8);
  EXPECT_LT(RelativeError(reptile->MetaGradient(parameters_, case_.shard).gradient,
                          PlainDifference<torch::optim::Adam>({kAll, kAll, kAll}, adam)),
            kExactForAdam);
}

// What two tasks of the same examples make of it, one after the other, is what Adam makes in one
// go.
TEST_P(ReptileTest, GoesOnWithTheMomentsThatItKeeps) {
  const auto reptile =
      Reptile({.inner_steps = 2, .inner_rate = kRate, .inner_batch = 0, .keep_moments = true});
  const int64_t size = parameters_.size(0);
  ASSERT_EQ(reptile->layout().size(), 2 * size + 1);
  const TaskShard task = OneTask(case_.shard, 0);
  const Tensor start = torch::cat({parameters_, torch::zeros({size + 1}, torch::kDouble)});
  Tensor state = start;
  for (int tasks = 0; tasks < 2; ++tasks) {
    state = state - reptile->MetaGradient(state, task).gradient.view_as(state);
  }
  torch::Tensor phi = parameters_.clone().requires_grad_();
  torch::optim::Adam adam({phi}, torch::optim::AdamOptions(kRate).betas({0.0, 0.999}).eps(1e-8));
  for (int step = 0; step < 4; ++step) {
    adam.zero_grad();
    PlainSupportLoss(phi, 0, kAll).backward();
    adam.step();
  }
  EXPECT_LT(RelativeError((start - state).narrow(0, 0, size), parameters_ - phi.detach()),
            kExactForAdam);
  EXPECT_NEAR(state[-1].item<double>(), 1 - std::pow(0.999, 4), 1e-12);
}

TEST_P(ReptileTest, BeginsItsMomentsAnewUnlessItKeepsThem) {
  const auto anew = Reptile({.inner_steps = 3, .inner_rate = kRate});
  const auto kept = Reptile({.inner_steps = 3, .inner_rate = kRate, .keep_moments = true});
  const int64_t size = parameters_.size(0);
  const Tensor no_moments = torch::cat({parameters_, torch::zeros({size + 1}, torch::kDouble)});
  EXPECT_TRUE(torch::equal(kept->MetaGradient(no_moments, case_.shard).gradient.narrow(0, 0, size),
                           anew->MetaGradient(parameters_, case_.shard).gradient));
}

// Five examples in batches of two: every third, and on from there.
TEST_P(ReptileTest, GoesThroughTheSupportSetInTurns) {
  const auto reptile = Reptile(
      {.inner_steps = 4, .inner_rate = kRate, .optimizer = InnerOptimizer::kSgd, .inner_batch = 2});
  EXPECT_LT(RelativeError(reptile->MetaGradient(parameters_, case_.shard).gradient,
                          PlainDifference<torch::optim::SGD>({{0, 3}, {1, 4}, {2, 0}, {3, 1}},
                                                             torch::optim::SGDOptions(kRate))),
            kExact);
}

TEST_P(ReptileTest, TakesTheWholeSupportSetWhereABatchIsLarger) {
  const auto all = Reptile({.inner_steps = 2, .inner_rate = kRate});
  const auto larger = Reptile({.inner_steps = 2, .inner_rate = kRate, .inner_batch = 10});
  EXPECT_TRUE(torch::equal(larger->MetaGradient(parameters_, case_.shard).gradient,
                           all->MetaGradient(parameters_, case_.shard).gradient));
}

// Of the support loss, times the inner rate.
TEST_P(ReptileTest, IsThePlainGradientWithOneStepOfSgd) {
  const auto reptile =
      Reptile({.inner_steps = 1, .inner_rate = kRate, .optimizer = InnerOptimizer::kSgd});
  const Tensor gradient = reptile->MetaGradient(parameters_, case_.shard).gradient / kRate;
  const Tensor all = parameters_.expand({kTasks, parameters_.size(0)});
  const Learner::Derivative plain =
      case_.learner->Differentiate(all, case_.shard.support_inputs, case_.shard.support_targets);
  EXPECT_LT(RelativeError(gradient, plain.gradient.sum(0)), kExact);
  const auto loss = [&](const Tensor& parameters) {
    double sum = 0;
    for (int64_t t = 0; t < kTasks; ++t)
      sum += PlainSupportLoss(parameters, t, kAll).item<double>();
    return sum;
  };
  const double h = 1e-6;
  const Tensor direction = torch::randn_like(parameters_);
  EXPECT_NEAR(gradient.dot(direction).item<double>(),
              (loss(parameters_ + h * direction) - loss(parameters_ - h * direction)) / (2 * h),
              1e-6 * gradient.norm().item<double>() * direction.norm().item<double>());
}

TEST_P(ReptileTest, MeasuresQueriesAndLearnsNothingFromThem) {
  const auto reptile = Reptile({.inner_steps = 2, .inner_rate = kRate});
  TaskShard other = case_.shard;
  other.query_inputs = torch::rand_like(other.query_inputs);
  const ShardGradient here = reptile->MetaGradient(parameters_, case_.shard);
  const ShardGradient there = reptile->MetaGradient(parameters_, other);
  EXPECT_TRUE(torch::equal(here.gradient, there.gradient));
  EXPECT_NE(here.loss, there.loss);
}

TEST_P(ReptileTest, GivesEveryTaskItsOwnResults) {
  ReptileOptions options = {.inner_steps = 3, .inner_rate = kRate, .inner_batch = 2};
  ExpectTasksIndependent(*Reptile(options), parameters_, case_.shard, kExactForAdam);
  options.optimizer = InnerOptimizer::kSgd;
  ExpectTasksIndependent(*Reptile(options), parameters_, case_.shard);
}

// A score after some steps is what an algorithm of so many steps measures in training.
TEST_P(ReptileTest, ScoresTheParametersThatItTrains) {
  const auto reptile = Reptile({.inner_steps = 2, .inner_rate = kRate, .inner_batch = 2});
  const TaskShard task = OneTask(case_.shard, 1);
  const TaskScores scores = reptile->Evaluate(parameters_, task, {.inner_steps = {0, 2, 4}});
  ASSERT_EQ(scores.size(), case_.learner->has_batch_statistics() ? 6 : 3);
  const ShardGradient trained = reptile->MetaGradient(parameters_, task);
  const double expected = trained.accuracy.value_or(trained.loss);
  EXPECT_EQ(scores[1].inner_steps, 2);
  EXPECT_FLOAT_EQ(scores[1].scores[0], static_cast<float>(expected));
}

INSTANTIATE_TEST_SUITE_P(Models, ReptileTest, testing::Values("Conv4", "Mlp"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace outerloop::meta
