// Small learners in double precision beside their references, for tests of algorithms with an inner
// loop.
#ifndef OUTERLOOP_META_ALGORITHMS_LEARNER_TESTING_H_
#define OUTERLOOP_META_ALGORITHMS_LEARNER_TESTING_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "meta/algorithms/algorithm_testing.h"
#include "meta/models/autograd_reference.h"
#include "meta/models/learner.h"
#include "meta/models/model.h"
#include "torch/torch.h"

namespace outerloop::meta {

// For ExpectCentralDifferences: short, because an inner loop through ReLUs jumps where a unit goes
// from off to on.
constexpr double kInnerLoopDifference = 1e-8;

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

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_LEARNER_TESTING_H_
