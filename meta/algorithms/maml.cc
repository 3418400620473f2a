#include "meta/algorithms/maml.h"

#include <utility>
#include <vector>

#include "meta/algorithms/inner_loop.h"
#include "meta/algorithms/multi_step_loss.h"
#include "meta/algorithms/task_values.h"
#include "meta/joined_parameters.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

ParameterLayout LayoutOf(const ParameterLayout& model, const ParameterLayout& rates) {
  if (rates.entries().empty()) return model;
  return JoinedParameters({{"model", model, {}}, {"rate", rates, {}}}).layout();
}

class Maml final : public Algorithm {
 public:
  Maml(const MamlOptions& options, std::shared_ptr<const Learner> learner)
      : options_(options),
        loss_({.inner_steps = options.inner_steps,
               .early_weight = options.early_loss_weight,
               .decay_steps = options.early_loss_decay_steps}),
        learner_(std::move(learner)),
        rates_(MakeInnerRates(options.rates, options.inner_rate, options.inner_steps,
                              learner_->layout())),
        layout_(LayoutOf(learner_->layout(), rates_->layout())) {}

  const ParameterLayout& layout() const override { return layout_; }
  Tensor InitialParameters(uint64_t seed) const override {
    return torch::cat({learner_->InitialParameters(seed), rates_->Initial()});
  }

  ShardGradient MetaGradient(const Tensor& parameters, const TaskShard& shard,
                             uint64_t step) const override {
    const torch::NoGradGuard no_autograd;
    const auto [model, learned_rates] = Split(parameters);
    std::vector<Step> steps;
    Tensor adapted = ForEachTask(model, shard.tasks());
    ShardGradient sums;
    for (int k = 0; k < options_.inner_steps; ++k) {
      Tensor query_gradient = AddQueryLoss(adapted, shard, loss_.WeightAfter(k, step), sums);
      steps.push_back(StepFrom(adapted, rates_->At(k, learned_rates), shard));
      steps.back().query_gradient = std::move(query_gradient);
    }
    const Tensor last =
        AddQueryLoss(adapted, shard, loss_.WeightAfter(options_.inner_steps, step), sums);
    sums.gradient = BackThrough(std::move(steps), shard, last);
    return sums;
  }

  TaskScores Evaluate(const Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions& options) const override {
    const torch::NoGradGuard no_autograd;
    const auto [model, learned_rates] = Split(parameters);
    Tensor adapted = ForEachTask(model, shard.tasks());
    int step = 0;
    return ScoreInnerLoop(
        {.metric = learner_->metric(),
         .has_batch_statistics = learner_->has_batch_statistics(),
         .step = [&,
                  &rates = learned_rates] { StepFrom(adapted, rates_->At(step++, rates), shard); },
         .score =
             [&](PredictionMode mode) { return ScoreQueries(*learner_, adapted, shard, mode); }},
        options);
  }

 private:
  // What is kept of the step from theta_k.
  struct Step {
    Tensor rates;     // a_k, [P] or a scalar.
    Tensor gradient;  // Of L(theta_k), [T, P]. Undefined if no rates are learned.
    // Of L(theta_k). Null in first order, and where it is to be recomputed at `parameters`.
    std::unique_ptr<Learner::Record> record;
    Tensor parameters;      // theta_k, [T, P]. Undefined unless it is.
    Tensor query_gradient;  // w_k grad Q(theta_k), [T, P]. Undefined if w_k is 0.
  };

  std::pair<Tensor, Tensor> Split(const Tensor& parameters) const {
    const int64_t model = learner_->layout().size();
    return {parameters.narrow(0, 0, model),
            parameters.narrow(0, model, parameters.size(0) - model)};
  }

  bool learns_rates() const { return !rates_->layout().entries().empty(); }

  Learner::Derivative DifferentiateSupport(const Tensor& parameters, const TaskShard& shard) const {
    return learner_->Differentiate(parameters, shard.support_inputs, shard.support_targets);
  }

  // Moves `adapted` [T, P] on by a step.
  Step StepFrom(Tensor& adapted, const Tensor& rates, const TaskShard& shard) const {
    Learner::Derivative support = DifferentiateSupport(adapted, shard);
    Step step{.rates = rates,
              .gradient = learns_rates() ? support.gradient : Tensor(),
              .record = nullptr,
              .parameters = {},
              .query_gradient = {}};
    if (options_.second_order && options_.recompute) {
      step.parameters = adapted;
    } else if (options_.second_order) {
      step.record = std::move(support.record);
    }
    adapted = adapted - rates * support.gradient;
    return step;
  }

  // Adds `weight` times the query losses at `adapted` to `sums`, whose accuracy becomes theirs.
  // Returns their weighted gradient, [T, P]; undefined if it weighs nothing.
  Tensor AddQueryLoss(const Tensor& adapted, const TaskShard& shard, double weight,
                      ShardGradient& sums) const {
    if (weight == 0) return {};
    const Learner::Derivative query =
        learner_->Differentiate(adapted, shard.query_inputs, shard.query_targets);
    sums.loss += weight * Sum(query.loss);
    sums.accuracy = AccuracyOf(*learner_, query.outputs, shard.query_targets);
    return weight == 1 ? query.gradient : weight * query.gradient;
  }

  // The gradient with respect to all parameters, summed over the tasks, given v = w_K grad
  // Q(theta_K).
  Tensor BackThrough(std::vector<Step> steps, const TaskShard& shard, Tensor v) const {
    Tensor of_rates = torch::zeros({rates_->layout().size()}, v.options());
    for (; !steps.empty(); steps.pop_back()) {
      Step& step = steps.back();
      if (learns_rates()) {
        rates_->AddGradient(static_cast<int>(steps.size()) - 1, -(step.gradient * v).sum(0),
                            of_rates);
      }
      if (step.parameters.defined()) {
        step.record = DifferentiateSupport(step.parameters, shard).record;
      }
      if (step.record) v = v - learner_->HessianVectorProduct(*step.record, step.rates * v);
      if (step.query_gradient.defined()) v = v + step.query_gradient;
    }
    return torch::cat({v.sum(0), of_rates});
  }

  const MamlOptions options_;
  const MultiStepLoss loss_;
  const std::shared_ptr<const Learner> learner_;
  const std::unique_ptr<const InnerRates> rates_;
  const ParameterLayout layout_;
};

}  // namespace

std::unique_ptr<const Algorithm> MakeMaml(const MamlOptions& options,
                                          std::shared_ptr<const Learner> learner) {
  return std::make_unique<Maml>(options, std::move(learner));
}

std::unique_ptr<const Algorithm> MakeMaml(const v1::Maml& options, const ModelFactory& models) {
  return MakeMaml(
      {.inner_steps = static_cast<int>(options.inner_steps()),
       .inner_rate = options.inner_rate(),
       .second_order = options.order() != v1::Maml::FIRST,
       .recompute = options.recompute(),
       .rates = options.learned_rates() ? InnerRateKind::kPerTensorAndStep : InnerRateKind::kFixed,
       .early_loss_weight = options.early_loss_weight(),
       .early_loss_decay_steps = options.early_loss_decay_steps()},
      models.MakeLearner());
}

}  // namespace outerloop::meta
