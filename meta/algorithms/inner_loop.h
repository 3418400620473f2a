// Scores taken along an inner loop: what every algorithm that adapts by steps shares.
#ifndef OUTERLOOP_META_ALGORITHMS_INNER_LOOP_H_
#define OUTERLOOP_META_ALGORITHMS_INNER_LOOP_H_

#include <functional>
#include <string>

#include "meta/algorithms/algorithm.h"
#include "meta/models/learner.h"
#include "meta/task_shard.h"
#include "torch/torch.h"

namespace outerloop::meta {

// The adaptation of a shard's tasks, before its first step.
struct InnerLoop {
  std::string metric;
  bool has_batch_statistics = false;
  std::function<void()> step;                            // Takes all tasks one step on.
  std::function<torch::Tensor(PredictionMode)> predict;  // Outputs for the queries, [T, Q, K].
  std::function<torch::Tensor(const torch::Tensor& outputs)> score;  // [T], of these.
};

// The series of Algorithm::Evaluate: takes as many steps as `options` asks for.
TaskScores ScoreInnerLoop(const InnerLoop& loop, const EvaluationOptions& options);

// The sum over the tasks, [] in double, for classifiers; else undefined.
torch::Tensor AccuracyOf(const Learner& learner, const torch::Tensor& outputs,
                         const torch::Tensor& targets);

// A learner's outputs [T, Q, K] for the shard's queries, with parameters `adapted` [T, P].
torch::Tensor PredictQueries(const Learner& learner, const torch::Tensor& adapted,
                             const TaskShard& shard, PredictionMode mode);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_INNER_LOOP_H_
