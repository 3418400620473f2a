#include "meta/algorithms/maml.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "meta/algorithms/task_values.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

class Maml final : public Algorithm {
 public:
  Maml(const MamlOptions& options, std::shared_ptr<const Learner> learner)
      : options_(options), learner_(std::move(learner)) {}

  const ParameterLayout& layout() const override { return learner_->layout(); }
  Tensor InitialParameters(uint64_t seed) const override {
    return learner_->InitialParameters(seed);
  }

  ShardGradient MetaGradient(const Tensor& parameters, const TaskShard& shard) const override {
    const torch::NoGradGuard no_autograd;
    std::vector<Step> steps;
    Tensor adapted = ForEachTask(parameters, shard.tasks());
    for (int step = 0; step < options_.inner_steps; ++step) {
      Learner::Derivative support = DifferentiateSupport(adapted, shard);
      if (options_.second_order) steps.push_back(Kept(adapted, std::move(support.record)));
      adapted = Descend(adapted, support.gradient);
    }
    Learner::Derivative query =
        learner_->Differentiate(adapted, shard.query_inputs, shard.query_targets);
    query.record.reset();
    const Tensor gradient = BackThrough(std::move(steps), shard, query.gradient);
    return {gradient.sum(0), Sum(query.loss), Accuracy(query.outputs, shard.query_targets)};
  }

  TaskScores Evaluate(const Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions& options) const override {
    const torch::NoGradGuard no_autograd;
    TaskScores transductive, inductive;
    Tensor adapted = ForEachTask(parameters, shard.tasks());
    int step = 0;
    for (const int wanted : options.inner_steps) {
      for (; step < wanted; ++step) adapted = InnerStep(adapted, shard);
      if (learner_->has_batch_statistics()) {
        transductive.push_back(Score(PredictionMode::kTransductive, step,
                                     learner_->Predict(adapted, shard.query_inputs), shard));
      }
      inductive.push_back(Score(
          PredictionMode::kInductive, step,
          learner_->PredictInductively(adapted, shard.support_inputs, shard.query_inputs), shard));
    }
    std::move(inductive.begin(), inductive.end(), std::back_inserter(transductive));
    return transductive;
  }

 private:
  // What is kept of an inner step: a record of it, or where it was taken.
  struct Step {
    std::unique_ptr<Learner::Record> record;
    Tensor parameters;
  };

  Step Kept(const Tensor& parameters, std::unique_ptr<Learner::Record> record) const {
    if (options_.recompute) return {.record = nullptr, .parameters = parameters};
    return {.record = std::move(record), .parameters = {}};
  }

  Learner::Derivative DifferentiateSupport(const Tensor& parameters, const TaskShard& shard) const {
    return learner_->Differentiate(parameters, shard.support_inputs, shard.support_targets);
  }

  Tensor Descend(const Tensor& parameters, const Tensor& gradient) const {
    return torch::sub(parameters, gradient, options_.inner_rate);
  }

  Tensor InnerStep(const Tensor& parameters, const TaskShard& shard) const {
    return Descend(parameters, DifferentiateSupport(parameters, shard).gradient);
  }

  // v <- (I - rate H_k) v for the steps taken, from the last to the first.
  Tensor BackThrough(std::vector<Step> steps, const TaskShard& shard, Tensor v) const {
    for (; !steps.empty(); steps.pop_back()) {
      Step& step = steps.back();
      if (options_.recompute) step.record = DifferentiateSupport(step.parameters, shard).record;
      v = Descend(v, learner_->HessianVectorProduct(*step.record, v));
    }
    return v;
  }

  std::optional<double> Accuracy(const Tensor& outputs, const Tensor& targets) const {
    if (learner_->metric() != "accuracy") return std::nullopt;
    return Sum(learner_->Score(outputs, targets));
  }

  ScoreSeries Score(PredictionMode mode, int step, const Tensor& outputs,
                    const TaskShard& shard) const {
    return {mode, step, learner_->metric(),
            ToVector(learner_->Score(outputs, shard.query_targets))};
  }

  const MamlOptions options_;
  const std::shared_ptr<const Learner> learner_;
};

}  // namespace

std::unique_ptr<const Algorithm> MakeMaml(const MamlOptions& options,
                                          std::shared_ptr<const Learner> learner) {
  return std::make_unique<Maml>(options, std::move(learner));
}

std::unique_ptr<const Algorithm> MakeMaml(const v1::Maml& options, const ModelFactory& models) {
  return MakeMaml({.inner_steps = static_cast<int>(options.inner_steps()),
                   .inner_rate = options.inner_rate(),
                   .second_order = options.order() != v1::Maml::FIRST,
                   .recompute = options.recompute()},
                  models.MakeLearner());
}

}  // namespace outerloop::meta
