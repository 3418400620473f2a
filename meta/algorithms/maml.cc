#include "meta/algorithms/maml.h"

#include <utility>
#include <vector>

#include "meta/algorithms/inner_loop.h"
#include "meta/algorithms/multi_step_loss.h"
#include "meta/algorithms/step_normalization.h"
#include "meta/algorithms/task_values.h"
#include "meta/joined_parameters.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

ParameterLayout LayoutOf(const ParameterLayout& model, const ParameterLayout& normalization,
                         const ParameterLayout& rates) {
  if (normalization.entries().empty() && rates.entries().empty()) return model;
  return JoinedParameters(
             {{"model", model, {}}, {"normalization", normalization, {}}, {"rate", rates, {}}})
      .layout();
}

StepNormalization NormalizationOf(const MamlOptions& options, const Learner& learner) {
  return {
      learner.layout(),
      options.step_normalization ? learner.normalization_parameters() : std::vector<std::string>(),
      options.inner_steps};
}

class Maml final : public Algorithm {
 public:
  Maml(const MamlOptions& options, std::shared_ptr<const Learner> learner)
      : options_(options),
        loss_({.inner_steps = options.inner_steps,
               .early_weight = options.early_loss_weight,
               .decay_steps = options.early_loss_decay_steps}),
        learner_(std::move(learner)),
        normalization_(NormalizationOf(options, *learner_)),
        rates_(MakeInnerRates(options.rates, options.inner_rate, options.inner_steps,
                              learner_->layout())),
        layout_(LayoutOf(learner_->layout(), normalization_.layout(), rates_->layout())) {}

  const ParameterLayout& layout() const override { return layout_; }
  Tensor InitialParameters(uint64_t seed) const override {
    const Tensor model = learner_->InitialParameters(seed);
    return torch::cat({model, normalization_.Initial(model), rates_->Initial()});
  }

  TaskSums Differentiate(const Tensor& parameters, const TaskShard& shard,
                         uint64_t step) const override {
    const torch::NoGradGuard no_autograd;
    const Learned learned = Split(parameters);
    std::vector<Step> steps;
    Tensor adapted = ForEachTask(learned.model, shard.tasks());
    TaskSums sums;
    for (int k = 0; k < options_.inner_steps; ++k) {
      Tensor query_gradient = AddQueryLoss(adapted, shard, loss_.WeightAfter(k, step), sums);
      steps.push_back(TakeStep(k, learned, shard, adapted));
      steps.back().query_gradient = std::move(query_gradient);
    }
    const Tensor last =
        AddQueryLoss(adapted, shard, loss_.WeightAfter(options_.inner_steps, step), sums);
    sums.gradient = BackThrough(std::move(steps), shard, last);
    return sums;
  }
  bool VariesAt(uint64_t step) const override { return loss_.FadesAfter(step); }

  TaskScores Evaluate(const Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions& options) const override {
    const torch::NoGradGuard no_autograd;
    const Learned learned = Split(parameters);
    Tensor adapted = ForEachTask(learned.model, shard.tasks());
    int step = 0;
    return ScoreInnerLoop(
        {.metric = learner_->metric(),
         .has_batch_statistics = learner_->has_batch_statistics(),
         .step = [&] { TakeStep(step++, learned, shard, adapted); },
         .predict =
             [&](PredictionMode mode) { return PredictQueries(*learner_, adapted, shard, mode); },
         .score =
             [&](const Tensor& outputs) { return learner_->Score(outputs, shard.query_targets); }},
        options);
  }

 private:
  // An algorithm's parameters.
  struct Learned {
    Tensor model;          // theta_0, [P].
    Tensor normalization;  // Sets of scales and shifts.
    Tensor rates;
  };

  // What is kept of the step from theta_k.
  struct Step {
    Tensor rates;     // a_k, [P] or a scalar.
    Tensor gradient;  // Of L(theta_k), [T, P]. Undefined if no rates are learned.
    // Of L(theta_k). Null in first order, and where it is to be recomputed at `parameters`.
    std::unique_ptr<Learner::Record> record;
    Tensor parameters;      // theta_k, [T, P]. Undefined unless it is.
    Tensor query_gradient;  // w_k grad Q(theta_k), [T, P]. Undefined if w_k is 0.
  };

  Learned Split(const Tensor& parameters) const {
    const std::vector<Tensor> parts = parameters.split_with_sizes(
        {learner_->layout().size(), normalization_.layout().size(), rates_->layout().size()});
    return {parts[0], parts[1], parts[2]};
  }

  bool learns_rates() const { return !rates_->layout().entries().empty(); }

  Learner::Derivative DifferentiateSupport(const Tensor& parameters, const TaskShard& shard) const {
    return learner_->Differentiate(parameters, shard.support_inputs, shard.support_targets);
  }

  // Moves `adapted` [T, P] from theta_k to theta_{k+1}.
  Step TakeStep(int k, const Learned& learned, const TaskShard& shard, Tensor& adapted) const {
    Learner::Derivative support = DifferentiateSupport(adapted, shard);
    Step step{.rates = rates_->At(k, learned.rates),
              .gradient = learns_rates() ? support.gradient : Tensor(),
              .record = nullptr,
              .parameters = {},
              .query_gradient = {}};
    if (options_.second_order && options_.recompute) {
      step.parameters = adapted;
    } else if (options_.second_order) {
      step.record = std::move(support.record);
    }
    adapted = adapted - step.rates * support.gradient;
    normalization_.Put(k + 1, learned.normalization, adapted);
    return step;
  }

  // Adds `weight` times the query losses at `adapted` to `sums`, whose accuracy becomes theirs.
  // Returns their weighted gradient, [T, P]; undefined if it weighs nothing.
  Tensor AddQueryLoss(const Tensor& adapted, const TaskShard& shard, double weight,
                      TaskSums& sums) const {
    if (weight == 0) return {};
    const Learner::Derivative query =
        learner_->Differentiate(adapted, shard.query_inputs, shard.query_targets);
    const Tensor loss = weight * Sum(query.loss);
    sums.loss = sums.loss.defined() ? sums.loss + loss : loss;
    sums.accuracy = AccuracyOf(*learner_, query.outputs, shard.query_targets);
    return weight == 1 ? query.gradient : weight * query.gradient;
  }

  // The gradient with respect to all parameters, summed over the tasks, given v = w_K grad
  // Q(theta_K).
  Tensor BackThrough(std::vector<Step> steps, const TaskShard& shard, Tensor v) const {
    Tensor of_normalization = torch::zeros({normalization_.layout().size()}, v.options());
    Tensor of_rates = torch::zeros({rates_->layout().size()}, v.options());
    for (; !steps.empty(); steps.pop_back()) {
      const int k = static_cast<int>(steps.size()) - 1;
      Step& step = steps.back();
      normalization_.TakeGradient(k + 1, v, of_normalization);
      if (learns_rates()) rates_->AddGradient(k, -(step.gradient * v).sum(0), of_rates);
      if (step.parameters.defined()) {
        step.record = DifferentiateSupport(step.parameters, shard).record;
      }
      if (step.record) v = v - learner_->HessianVectorProduct(*step.record, step.rates * v);
      if (step.query_gradient.defined()) v = v + step.query_gradient;
    }
    return torch::cat({v.sum(0), of_normalization, of_rates});
  }

  const MamlOptions options_;
  const MultiStepLoss loss_;
  const std::shared_ptr<const Learner> learner_;
  const StepNormalization normalization_;
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
       .early_loss_decay_steps = options.early_loss_decay_steps(),
       .step_normalization = options.step_normalization()},
      models.MakeLearner());
}

}  // namespace outerloop::meta
