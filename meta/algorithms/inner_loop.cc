#include "meta/algorithms/inner_loop.h"

#include <iterator>
#include <utility>

#include "meta/algorithms/task_values.h"

namespace outerloop::meta {

TaskScores ScoreInnerLoop(const InnerLoop& loop, const EvaluationOptions& options) {
  TaskScores transductive, inductive;
  const auto score = [&](PredictionMode mode, int step, TaskScores& series) {
    const torch::Tensor outputs = loop.predict(mode);
    series.push_back({mode, step, loop.metric, ToVector(loop.score(outputs)), outputs});
  };
  int step = 0;
  for (const int wanted : options.inner_steps) {
    for (; step < wanted; ++step) loop.step();
    if (loop.has_batch_statistics) score(PredictionMode::kTransductive, step, transductive);
    score(PredictionMode::kInductive, step, inductive);
  }
  std::move(inductive.begin(), inductive.end(), std::back_inserter(transductive));
  return transductive;
}

torch::Tensor AccuracyOf(const Learner& learner, const torch::Tensor& outputs,
                         const torch::Tensor& targets) {
  if (learner.metric() != "accuracy") return {};
  return Sum(learner.Score(outputs, targets));
}

torch::Tensor PredictQueries(const Learner& learner, const torch::Tensor& adapted,
                             const TaskShard& shard, PredictionMode mode) {
  return mode == PredictionMode::kTransductive
             ? learner.Predict(adapted, shard.query_inputs)
             : learner.PredictInductively(adapted, shard.support_inputs, shard.query_inputs);
}

}  // namespace outerloop::meta
