#include "meta/algorithms/reptile.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "meta/algorithms/inner_loop.h"
#include "meta/algorithms/task_values.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

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

// The inner loop of a shard's tasks.
class Training {
 public:
  Training(const ReptileOptions& options, const Learner& learner, const Tensor& parameters,
           const TaskShard& shard)
      : options_(options),
        learner_(learner),
        batches_(shard, options.inner_batch),
        parameters_(ForEachTask(parameters, shard.tasks())) {}

  // phi, [T, P].
  const Tensor& parameters() const { return parameters_; }

  void Step() {
    const auto [inputs, targets] = batches_.At(step_++);
    const Tensor gradient = learner_.Differentiate(parameters_, inputs, targets).gradient;
    const bool adam = options_.optimizer == InnerOptimizer::kAdam;
    parameters_ = parameters_ - options_.inner_rate * (adam ? Normalized(gradient) : gradient);
  }

 private:
  // Adam's direction: the gradient over the root of its second moment, whose bias is corrected.
  Tensor Normalized(const Tensor& gradient) {
    if (step_ == 1) moment_ = torch::zeros_like(gradient);
    moment_ = kBeta2 * moment_ + (1 - kBeta2) * gradient * gradient;
    decay_ *= kBeta2;
    return gradient / (torch::sqrt(moment_ / (1 - decay_)) + kEpsilon);
  }

  const ReptileOptions& options_;
  const Learner& learner_;
  const SupportBatches batches_;
  Tensor parameters_;
  int step_ = 0;      // Taken so far.
  Tensor moment_;     // [T, P]
  double decay_ = 1;  // beta2 to the power of the steps taken.
};

class Reptile final : public Algorithm {
 public:
  Reptile(const ReptileOptions& options, std::shared_ptr<const Learner> learner)
      : options_(options), learner_(std::move(learner)) {}

  const ParameterLayout& layout() const override { return learner_->layout(); }
  Tensor InitialParameters(uint64_t seed) const override {
    return learner_->InitialParameters(seed);
  }

  TaskSums Differentiate(const Tensor& parameters, const TaskShard& shard,
                         uint64_t) const override {
    const torch::NoGradGuard no_autograd;
    Training training(options_, *learner_, parameters, shard);
    for (int step = 0; step < options_.inner_steps; ++step) training.Step();
    const Learner::Derivative query =
        learner_->Differentiate(training.parameters(), shard.query_inputs, shard.query_targets);
    return {.gradient = (parameters - training.parameters()).sum(0),
            .loss = Sum(query.loss),
            .accuracy = AccuracyOf(*learner_, query.outputs, shard.query_targets)};
  }

  TaskScores Evaluate(const Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions& options) const override {
    const torch::NoGradGuard no_autograd;
    Training training(options_, *learner_, parameters, shard);
    return ScoreInnerLoop({.metric = learner_->metric(),
                           .has_batch_statistics = learner_->has_batch_statistics(),
                           .step = [&] { training.Step(); },
                           .score =
                               [&](PredictionMode mode) {
                                 return ScoreQueries(*learner_, training.parameters(), shard, mode);
                               }},
                          options);
  }

 private:
  const ReptileOptions options_;
  const std::shared_ptr<const Learner> learner_;
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
       .inner_batch = options.inner_batch()},
      models.MakeLearner());
}

}  // namespace outerloop::meta
