#include "meta/algorithms/anil.h"

#include <utility>
#include <vector>

#include "meta/algorithms/inner_loop.h"
#include "meta/algorithms/linear_head.h"
#include "meta/algorithms/task_values.h"
#include "meta/joined_parameters.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

class Anil final : public Algorithm {
 public:
  Anil(const AnilOptions& options, std::shared_ptr<const Encoder> body, int64_t ways)
      : options_(options),
        body_(std::move(body)),
        head_(body_->features(), ways),
        parameters_({{"body", body_->layout(), body_->initial_ranges()},
                     {"head", head_.layout(), head_.initial_ranges()}}) {}

  const ParameterLayout& layout() const override { return parameters_.layout(); }
  Tensor InitialParameters(uint64_t seed) const override {
    return parameters_.InitialParameters(seed);
  }

  TaskSums Differentiate(const Tensor& parameters, const TaskShard& shard,
                         uint64_t) const override {
    const torch::NoGradGuard no_autograd;
    auto [body, head] = Split(parameters, shard.tasks());
    const Encoder::Encoding support = body_->Encode(body, shard.support_inputs);
    const Encoder::Encoding queries = body_->Encode(body, shard.query_inputs);
    std::vector<LinearHead::Record> steps;
    for (int step = 0; step < options_.inner_steps; ++step) {
      steps.push_back(StepFrom(head, support.features, shard.support_targets));
    }
    const LinearHead::Derivative loss =
        head_.Differentiate(head, queries.features, shard.query_targets);
    const LinearHead::Gradients initial =
        BackThrough(std::move(steps), loss.gradients.parameters, support.features);
    const Tensor of_body =
        Backward(initial.features, support) + Backward(loss.gradients.features, queries);
    return {.gradient = parameters_.Join({of_body, initial.parameters.sum(0)}),
            .loss = Sum(loss.loss),
            .accuracy = Sum(head_.Score(loss.outputs, shard.query_targets))};
  }

  TaskScores Evaluate(const Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions& options) const override {
    const torch::NoGradGuard no_autograd;
    auto [body, head] = Split(parameters, shard.tasks());
    const Encoder::Encoding support = body_->Encode(body, shard.support_inputs);
    const Tensor transductive = body_->Encode(body, shard.query_inputs).features;
    const Tensor inductive =
        body_->EncodeWithStatisticsOf(*support.record, body, shard.query_inputs);
    return ScoreInnerLoop(
        {.metric = "accuracy",
         .has_batch_statistics = body_->has_batch_statistics(),
         .step = [&, &head = head] { StepFrom(head, support.features, shard.support_targets); },
         .predict =
             [&, &head = head](PredictionMode mode) {
               const bool together = mode == PredictionMode::kTransductive;
               return head_.Predict(head, together ? transductive : inductive);
             },
         .score = [&](const Tensor& outputs) { return head_.Score(outputs, shard.query_targets); }},
        options);
  }

 private:
  struct Parts {
    Tensor body;  // [T, B]
    Tensor head;  // [T, H]
  };
  Parts Split(const Tensor& parameters, int64_t tasks) const {
    const std::vector<Tensor> parts = parameters_.Split(parameters);
    return {ForEachTask(parts[0], tasks), ForEachTask(parts[1], tasks)};
  }

  // Moves `head` [T, H] on by a step.
  LinearHead::Record StepFrom(Tensor& head, const Tensor& features, const Tensor& targets) const {
    LinearHead::Derivative support = head_.Differentiate(head, features, targets);
    head = head - options_.inner_rate * support.gradients.parameters;
    return std::move(support.record);
  }

  // Takes v, the gradient with respect to the last head, back over the steps: to that of the first
  // head and of the support set's features.
  LinearHead::Gradients BackThrough(std::vector<LinearHead::Record> steps, Tensor v,
                                    const Tensor& features) const {
    Tensor of_features = torch::zeros_like(features);
    for (; !steps.empty(); steps.pop_back()) {
      const auto [hh, fh] = head_.HessianVectorProduct(steps.back(), v);
      v = v - options_.inner_rate * hh;
      of_features = of_features - options_.inner_rate * fh;
    }
    return {v, of_features};
  }

  // The body's gradient, summed over the tasks, [B].
  Tensor Backward(const Tensor& of_features, const Encoder::Encoding& encoding) const {
    return body_->Backward(of_features, /*wants_inputs=*/false, *encoding.record).parameters.sum(0);
  }

  const AnilOptions options_;
  const std::shared_ptr<const Encoder> body_;
  const LinearHead head_;
  const JoinedParameters parameters_;
};

}  // namespace

std::unique_ptr<const Algorithm> MakeAnil(const AnilOptions& options,
                                          std::shared_ptr<const Encoder> body, int64_t ways) {
  return std::make_unique<Anil>(options, std::move(body), ways);
}

std::unique_ptr<const Algorithm> MakeAnil(const v1::Anil& options, const ModelFactory& models) {
  return MakeAnil(
      {.inner_steps = static_cast<int>(options.inner_steps()), .inner_rate = options.inner_rate()},
      models.MakeEncoder(), models.shape().outputs);
}

}  // namespace outerloop::meta
