#include "meta/algorithms/reptile.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "meta/algorithms/inner_adam.h"
#include "meta/algorithms/inner_loop.h"
#include "meta/algorithms/task_values.h"
#include "meta/joined_parameters.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

// All numbers below `size`, with `stride` between neighbours: 0, s, 2s, .., 1, 1 + s, ..
std::vector<int64_t> Interleaved(int64_t size, int64_t stride) {
  std::vector<int64_t> order;
  for (int64_t first = 0; first < stride; ++first) {
    for (int64_t i = first; i < size; i += stride) order.push_back(i);
  }
  return order;
}

// Support sets in mini-batches, the same of every task.
class SupportBatches {
 public:
  SupportBatches(const TaskShard& shard, int64_t wanted)
      : shard_(shard), size_(wanted > 0 ? std::min(wanted, examples()) : examples()) {
    order_ = Interleaved(examples(), (examples() + size_ - 1) / size_);
  }

  // Inputs and targets of step `step`, counted from 0.
  std::pair<Tensor, Tensor> At(int step) const {
    if (size_ == examples()) return {shard_.support_inputs, shard_.support_targets};
    return {Batch(shard_.support_inputs, step), Batch(shard_.support_targets, step)};
  }

 private:
  // By slices, as an index would have to be copied to the device.
  Tensor Batch(const Tensor& all, int step) const {
    std::vector<Tensor> batch;
    for (int64_t i = step * size_; i < (step + 1) * size_; ++i) {
      batch.push_back(all.narrow(1, order_[static_cast<size_t>(i % examples())], 1));
    }
    return torch::cat(batch, 1);
  }

  int64_t examples() const { return shard_.support_inputs.size(1); }

  const TaskShard& shard_;
  const int64_t size_;
  std::vector<int64_t> order_;
};

// What the inner loop changes.
struct State {
  Tensor model;  // phi, [P] or [T, P].
  AdamMemory memory;
};

// The inner loop of a shard's tasks.
class Training {
 public:
  Training(const ReptileOptions& options, const Learner& learner, const State& start,
           const TaskShard& shard)
      : options_(options), learner_(learner), batches_(shard, options.inner_batch), state_(start) {
    state_.model = ForEachTask(start.model, shard.tasks());
  }

  // Of each task.
  const State& state() const { return state_; }

  void Step() {
    const auto [inputs, targets] = batches_.At(step_++);
    const Tensor gradient = learner_.Differentiate(state_.model, inputs, targets).gradient;
    const bool adam = options_.optimizer == InnerOptimizer::kAdam;
    state_.model = state_.model -
                   options_.inner_rate * (adam ? AdamDirection(gradient, state_.memory) : gradient);
  }

 private:
  const ReptileOptions& options_;
  const Learner& learner_;
  const SupportBatches batches_;
  State state_;
  int step_ = 0;  // Taken so far.
};

bool KeepsMoments(const ReptileOptions& options) {
  return options.keep_moments && options.optimizer == InnerOptimizer::kAdam;
}

ParameterLayout LayoutOf(const ReptileOptions& options, const ParameterLayout& model) {
  if (!KeepsMoments(options)) return model;
  const ParameterLayout weight({{"of_second_moments", {1}}});
  return JoinedParameters(
             {{"model", model, {}}, {"second_moments", model, {}}, {"weight", weight, {}}})
      .layout();
}

class Reptile final : public Algorithm {
 public:
  Reptile(const ReptileOptions& options, std::shared_ptr<const Learner> learner)
      : options_(options),
        learner_(std::move(learner)),
        layout_(LayoutOf(options, learner_->layout())) {}

  const ParameterLayout& layout() const override { return layout_; }
  Tensor InitialParameters(uint64_t seed) const override {
    return Join({learner_->InitialParameters(seed), NoAdamMemory(model_size(), torch::kFloat)});
  }

  TaskSums Differentiate(const Tensor& parameters, const TaskShard& shard,
                         uint64_t) const override {
    const torch::NoGradGuard no_autograd;
    Training training(options_, *learner_, StartOf(parameters), shard);
    for (int step = 0; step < options_.inner_steps; ++step) training.Step();
    const Learner::Derivative query =
        learner_->Differentiate(training.state().model, shard.query_inputs, shard.query_targets);
    return {.gradient = (parameters - Join(training.state())).sum(0),
            .loss = Sum(query.loss),
            .accuracy = AccuracyOf(*learner_, query.outputs, shard.query_targets)};
  }

  TaskScores Evaluate(const Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions& options) const override {
    const torch::NoGradGuard no_autograd;
    Training training(options_, *learner_, StartOf(parameters), shard);
    return ScoreInnerLoop(
        {.metric = learner_->metric(),
         .has_batch_statistics = learner_->has_batch_statistics(),
         .step = [&] { training.Step(); },
         .predict =
             [&](PredictionMode mode) {
               return PredictQueries(*learner_, training.state().model, shard, mode);
             },
         .score =
             [&](const Tensor& outputs) { return learner_->Score(outputs, shard.query_targets); }},
        options);
  }

 private:
  int64_t model_size() const { return learner_->layout().size(); }

  // The state as parameters of the algorithm, [.., P'].
  Tensor Join(const State& state) const {
    if (!KeepsMoments(options_)) return state.model;
    const Tensor weight = state.memory.weight.expand_as(state.model.narrow(-1, 0, 1));
    return torch::cat({state.model, state.memory.moment, weight}, -1);
  }

  // Join's inverse, for all tasks. A moment is no less than zero but by the rounding of sums.
  State StartOf(const Tensor& parameters) const {
    if (!KeepsMoments(options_)) {
      return {parameters, NoAdamMemory(model_size(), parameters.options())};
    }
    const std::vector<Tensor> parts = parameters.split_with_sizes({model_size(), model_size(), 1});
    return {parts[0], {parts[1].clamp_min(0), parts[2]}};
  }

  const ReptileOptions options_;
  const std::shared_ptr<const Learner> learner_;
  const ParameterLayout layout_;
};

}  // namespace

std::unique_ptr<const Algorithm> MakeReptile(const ReptileOptions& options,
                                             std::shared_ptr<const Learner> learner) {
  return std::make_unique<Reptile>(options, std::move(learner));
}

std::unique_ptr<const Algorithm> MakeReptile(const v1::Reptile& options,
                                             const ModelFactory& models) {
  return MakeReptile(
      {.inner_steps = static_cast<int>(options.inner_steps()),
       .inner_rate = options.inner_rate(),
       .optimizer = options.inner_optimizer() == v1::Reptile::SGD ? InnerOptimizer::kSgd
                                                                  : InnerOptimizer::kAdam,
       .inner_batch = options.inner_batch(),
       .keep_moments = options.keep_moments()},
      models.MakeLearner());
}

}  // namespace outerloop::meta
