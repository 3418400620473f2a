// What tests of algorithms with an inner loop share: small learners in double precision beside
// their reference, and what must hold for every algorithm.
#ifndef OUTERLOOP_META_ALGORITHMS_ALGORITHM_TESTING_H_
#define OUTERLOOP_META_ALGORITHMS_ALGORITHM_TESTING_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "meta/algorithms/algorithm.h"
#include "meta/models/autograd_reference.h"
#include "meta/models/learner.h"
#include "meta/models/model.h"
#include "torch/torch.h"

namespace outerloop::meta {

// A model with a shard of four tasks, small and in double precision, beside its reference.
struct LearnerCase {
  std::shared_ptr<const Learner> learner;
  TaskLoss reference;
  TaskShard shard;
};

constexpr int64_t kTasks = 4;
constexpr int64_t kSupport = 5;
constexpr int64_t kQuery = 7;

inline TaskShard ImageShard() {
  return {torch::rand({kTasks, kSupport, 1, 12, 12}, torch::kDouble),
          torch::randint(5, {kTasks, kSupport}, torch::kLong),
          torch::rand({kTasks, kQuery, 1, 12, 12}, torch::kDouble),
          torch::randint(5, {kTasks, kQuery}, torch::kLong)};
}

inline LearnerCase Conv4Case() {
  std::shared_ptr<const Learner> learner =
      MakeConv4({.height = 12, .width = 12, .filters = 6, .ways = 5});
  return {learner, AutogradConv4Loss(learner->layout()), ImageShard()};
}

inline LearnerCase MlpCase() {
  std::shared_ptr<const Learner> learner = MakeMlpRegression({.hidden = {8, 8}});
  const auto points = [](int64_t n) { return torch::randn({kTasks, n, 1}, torch::kDouble); };
  return {learner,
          AutogradMlpRegressionLoss(learner->layout(), 3),
          {points(kSupport), points(kSupport), points(kQuery), points(kQuery)}};
}

// "Conv4" or "Mlp".
inline LearnerCase MakeLearnerCase(const std::string& name) {
  at::set_num_threads(1);  // More would only wait for each other.
  torch::manual_seed(5);
  return name == "Conv4" ? Conv4Case() : MlpCase();
}

// The initial parameters, moved at random so that no scale is 1, no shift or bias 0, and no two
// learned rates are equal.
inline torch::Tensor RandomParameters(const Algorithm& algorithm) {
  const torch::Tensor initial = algorithm.InitialParameters(/*seed=*/2).to(torch::kDouble);
  return initial + 0.1 * torch::randn_like(initial);
}

inline TaskShard OneTask(const TaskShard& shard, int64_t task) {
  const auto alone = [task](const torch::Tensor& tasks) { return tasks.narrow(0, task, 1); };
  return {alone(shard.support_inputs), alone(shard.support_targets), alone(shard.query_inputs),
          alone(shard.query_targets)};
}

inline TaskShard InSinglePrecision(const TaskShard& shard) {
  const auto single = [](const torch::Tensor& tensor) {
    return tensor.is_floating_point() ? tensor.to(torch::kFloat) : tensor;
  };
  return {single(shard.support_inputs), single(shard.support_targets), single(shard.query_inputs),
          single(shard.query_targets)};
}

inline double RelativeError(const torch::Tensor& actual, const torch::Tensor& expected) {
  return ((actual - expected).norm() / expected.norm()).item<double>();
}

// ---- Plain references on autograd, a task at a time

// The task's parameters after one step of descent on its support loss for each of `rates`, which
// are [P] or scalars. Keeps the graph.
inline torch::Tensor PlainDescent(const TaskLoss& loss, torch::Tensor parameters,
                                  const TaskShard& shard, int64_t task,
                                  const std::vector<torch::Tensor>& rates) {
  for (const torch::Tensor& rate : rates) {
    const torch::Tensor support =
        loss(parameters, shard.support_inputs[task], shard.support_targets[task]);
    const torch::Tensor gradient = torch::autograd::grad({support}, {parameters}, {},
                                                         /*retain_graph=*/true,
                                                         /*create_graph=*/true)[0];
    parameters = parameters - rate * gradient;
  }
  return parameters;
}

// A task's loss, differentiable in all parameters of an algorithm, [P].
using PlainLoss = std::function<torch::Tensor(const torch::Tensor& parameters, int64_t task)>;

// The sum of its gradients over `tasks` tasks.
inline torch::Tensor PlainGradient(const PlainLoss& loss, const torch::Tensor& parameters,
                                   int64_t tasks) {
  torch::Tensor sum = torch::zeros_like(parameters);
  for (int64_t task = 0; task < tasks; ++task) {
    const torch::Tensor variable = parameters.detach().clone().requires_grad_();
    sum += torch::autograd::grad({loss(variable, task)}, {variable})[0];
  }
  return sum;
}

// ---- What must hold for every algorithm

// The gradient is that of the loss, along some random directions. The steps are short because an
// inner loop through ReLUs jumps where a unit goes from off to on.
inline void ExpectCentralDifferences(const Algorithm& algorithm, const torch::Tensor& parameters,
                                     const TaskShard& shard) {
  const double h = 1e-8;
  const torch::Tensor gradient = algorithm.MetaGradient(parameters, shard).gradient;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const torch::Tensor direction = torch::randn_like(parameters);
    const double up = algorithm.MetaGradient(parameters + h * direction, shard).loss;
    const double down = algorithm.MetaGradient(parameters - h * direction, shard).loss;
    EXPECT_NEAR(gradient.dot(direction).item<double>(), (up - down) / (2 * h),
                1e-6 * gradient.norm().item<double>() * direction.norm().item<double>());
  }
}

// A task gives alone what it gives among others, but for rounding: gradients, losses and scores
// after 0 and 2 steps.
inline void ExpectTasksIndependent(const Algorithm& algorithm, const torch::Tensor& parameters,
                                   const TaskShard& shard, double relative_error = 1e-12) {
  const EvaluationOptions steps = {.inner_steps = {0, 2}};
  const ShardGradient together = algorithm.MetaGradient(parameters, shard);
  const TaskScores scores = algorithm.Evaluate(parameters, shard, steps);
  torch::Tensor sum = torch::zeros_like(parameters);
  double loss = 0;
  for (int64_t task = 0; task < shard.tasks(); ++task) {
    const TaskShard one = OneTask(shard, task);
    const ShardGradient alone = algorithm.MetaGradient(parameters, one);
    const TaskScores scores_alone = algorithm.Evaluate(parameters, one, steps);
    sum += alone.gradient;
    loss += alone.loss;
    for (size_t i = 0; i < scores.size(); ++i) {
      EXPECT_FLOAT_EQ(scores_alone[i].scores[0], scores[i].scores[static_cast<size_t>(task)]);
    }
  }
  EXPECT_LT(RelativeError(together.gradient, sum), relative_error);
  EXPECT_NEAR(together.loss, loss, relative_error * loss);
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_ALGORITHM_TESTING_H_
