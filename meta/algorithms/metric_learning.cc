#include "meta/algorithms/metric_learning.h"

#include <utility>
#include <vector>

#include "meta/algorithms/task_values.h"
#include "meta/joined_parameters.h"
#include "meta/ops/cross_entropy.h"
#include "meta/ops/loss.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

// A copy that autograd differentiates by.
Tensor Variable(const Tensor& values) { return values.detach().clone().requires_grad_(); }

// `features` are of the support set, then of the queries.
EpisodeFeatures Episode(const Tensor& features, const TaskShard& shard) {
  TORCH_CHECK_VALUE(shard.ways > 0, "a shard that does not say how many classes its tasks have");
  const int64_t support = shard.support_targets.size(1);
  return {.support = features.narrow(1, 0, support),
          .support_labels = shard.support_targets,
          .queries = features.narrow(1, support, features.size(1) - support),
          .ways = shard.ways};
}

class MetricLearning final : public Algorithm {
 public:
  MetricLearning(std::shared_ptr<const Encoder> encoder,
                 std::unique_ptr<const Comparison> comparison, EpisodeStatistics statistics)
      : encoder_(std::move(encoder)),
        comparison_(std::move(comparison)),
        statistics_(statistics),
        parameters_({{"comparison", comparison_->layout(), comparison_->initial_ranges()},
                     {"encoder", encoder_->layout(), encoder_->initial_ranges()}}) {}

  const ParameterLayout& layout() const override { return parameters_.layout(); }
  Tensor InitialParameters(uint64_t seed) const override {
    return parameters_.InitialParameters(seed);
  }

  TaskSums Differentiate(const Tensor& parameters, const TaskShard& shard,
                         uint64_t) const override {
    const torch::NoGradGuard no_autograd;
    const std::vector<Tensor> parts = parameters_.Split(parameters);
    const std::vector<Encoder::Encoding> encodings = Encode(parts[1], shard);
    const HeadDerivative head = DifferentiateHead(parts[0], Features(encodings), shard);
    return {parameters_.Join({head.parameters, Backward(encodings, head.features)}), Sum(head.loss),
            Sum(loss_->Score(head.logits, shard.query_targets))};
  }

  TaskScores Evaluate(const Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions&) const override {
    const torch::NoGradGuard no_autograd;
    const std::vector<Tensor> parts = parameters_.Split(parameters);
    TaskScores scores;
    if (encoder_->has_batch_statistics()) {
      scores.push_back(
          Score(PredictionMode::kTransductive, parts[0], Features(Encode(parts[1], shard)), shard));
    }
    scores.push_back(
        Score(PredictionMode::kInductive, parts[0], InductiveFeatures(parts[1], shard), shard));
    return scores;
  }

 private:
  // Of the sum over the tasks of their losses.
  struct HeadDerivative {
    Tensor logits;      // [T, Q, ways]
    Tensor loss;        // [T]
    Tensor parameters;  // Of the comparison: as its buffer.
    Tensor features;    // [T, S + Q, F]
  };

  // Each batch has its own statistics.
  std::vector<Tensor> Batches(const TaskShard& shard) const {
    if (statistics_ == EpisodeStatistics::kSeparate) {
      return {shard.support_inputs, shard.query_inputs};
    }
    return {torch::cat({shard.support_inputs, shard.query_inputs}, 1)};
  }

  std::vector<Encoder::Encoding> Encode(const Tensor& parameters, const TaskShard& shard) const {
    std::vector<Encoder::Encoding> encodings;
    for (const Tensor& batch : Batches(shard)) {
      encodings.push_back(encoder_->Encode(ForEachTask(parameters, shard.tasks()), batch));
    }
    return encodings;
  }

  // [T, S + Q, F]
  static Tensor Features(const std::vector<Encoder::Encoding>& encodings) {
    std::vector<Tensor> batches;
    for (const Encoder::Encoding& encoding : encodings) batches.push_back(encoding.features);
    return torch::cat(batches, 1);
  }

  // The sum over tasks and batches of the encoder's gradients.
  Tensor Backward(const std::vector<Encoder::Encoding>& encodings,
                  const Tensor& feature_gradient) const {
    Tensor sum;
    int64_t start = 0;
    for (const Encoder::Encoding& encoding : encodings) {
      const int64_t examples = encoding.features.size(1);
      const Tensor gradient = encoder_
                                  ->Backward(feature_gradient.narrow(1, start, examples),
                                             /*wants_inputs=*/false, *encoding.record)
                                  .parameters.sum(0);
      sum = sum.defined() ? sum + gradient : gradient;
      start += examples;
    }
    return sum;
  }

  HeadDerivative DifferentiateHead(const Tensor& parameters, const Tensor& features,
                                   const TaskShard& shard) const {
    const torch::AutoGradMode autograd(true);
    const Tensor own = Variable(parameters), variable = Variable(features);
    const Tensor logits = comparison_->Logits(own, Episode(variable, shard));
    Loss::Record record;
    const Tensor loss = loss_->Forward(logits.detach(), shard.query_targets, record);
    const auto gradients =
        torch::autograd::grad({logits}, {own, variable}, {loss_->Backward(record)},
                              /*retain_graph=*/false, /*create_graph=*/false,
                              /*allow_unused=*/true);
    // A comparison without parameters makes no use of its empty buffer.
    return {logits.detach(), loss, gradients[0].defined() ? gradients[0] : parameters,
            gradients[1]};
  }

  Tensor InductiveFeatures(const Tensor& parameters, const TaskShard& shard) const {
    const Tensor rows = ForEachTask(parameters, shard.tasks());
    const Encoder::Encoding support = encoder_->Encode(rows, shard.support_inputs);
    return torch::cat({support.features,
                       encoder_->EncodeWithStatisticsOf(*support.record, rows, shard.query_inputs)},
                      1);
  }

  ScoreSeries Score(PredictionMode mode, const Tensor& parameters, const Tensor& features,
                    const TaskShard& shard) const {
    const Tensor logits = comparison_->Logits(parameters, Episode(features, shard));
    return {mode, /*inner_steps=*/0, loss_->metric(),
            ToVector(loss_->Score(logits, shard.query_targets)), logits};
  }

  const std::shared_ptr<const Encoder> encoder_;
  const std::unique_ptr<const Comparison> comparison_;
  const EpisodeStatistics statistics_;
  const JoinedParameters parameters_;
  const std::unique_ptr<const Loss> loss_ = MakeCrossEntropy();
};

}  // namespace

EpisodeStatistics StatisticsOf(v1::EpisodeStatistics statistics) {
  return statistics == v1::SEPARATE ? EpisodeStatistics::kSeparate : EpisodeStatistics::kJoint;
}

std::unique_ptr<const Algorithm> MakeMetricLearning(std::shared_ptr<const Encoder> encoder,
                                                    std::unique_ptr<const Comparison> comparison,
                                                    EpisodeStatistics statistics) {
  return std::make_unique<MetricLearning>(std::move(encoder), std::move(comparison), statistics);
}

}  // namespace outerloop::meta
