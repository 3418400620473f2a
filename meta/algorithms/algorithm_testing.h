// What must hold for every algorithm, and what tests of it need.
#ifndef OUTERLOOP_META_ALGORITHMS_ALGORITHM_TESTING_H_
#define OUTERLOOP_META_ALGORITHMS_ALGORITHM_TESTING_H_

#include <cstdint>

#include "gtest/gtest.h"
#include "meta/algorithms/algorithm.h"
#include "meta/tensor_testing.h"
#include "torch/torch.h"

namespace outerloop::meta {

// The initial parameters, moved at random so that no scale is 1, no shift or bias 0, and no two
// learned rates are equal.
inline torch::Tensor RandomParameters(const Algorithm& algorithm) {
  const torch::Tensor initial = algorithm.InitialParameters(/*seed=*/2).to(torch::kDouble);
  return initial + 0.1 * torch::randn_like(initial);
}

inline TaskShard OneTask(const TaskShard& shard, int64_t task) {
  return Changed(shard, [task](const torch::Tensor& tasks) { return tasks.narrow(0, task, 1); });
}

inline TaskShard InSinglePrecision(const TaskShard& shard) {
  return Changed(shard, [](const torch::Tensor& tensor) {
    return tensor.is_floating_point() ? tensor.to(torch::kFloat) : tensor;
  });
}

// The gradient is that of the loss, along some random directions, by steps of `h`.
inline void ExpectCentralDifferences(const Algorithm& algorithm, const torch::Tensor& parameters,
                                     const TaskShard& shard, double h) {
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
