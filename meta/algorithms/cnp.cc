#include "meta/algorithms/cnp.h"

#include <utility>
#include <vector>

#include "meta/algorithms/task_values.h"
#include "meta/joined_parameters.h"
#include "meta/ops/gaussian_likelihood.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

class Cnp final : public Algorithm {
 public:
  Cnp(std::shared_ptr<const Encoder> encoder, std::shared_ptr<const Encoder> decoder)
      : encoder_(std::move(encoder)),
        decoder_(std::move(decoder)),
        parameters_({{"decoder", decoder_->layout(), decoder_->initial_ranges()},
                     {"encoder", encoder_->layout(), encoder_->initial_ranges()}}) {}

  const ParameterLayout& layout() const override { return parameters_.layout(); }
  Tensor InitialParameters(uint64_t seed) const override {
    return parameters_.InitialParameters(seed);
  }

  TaskSums Differentiate(const Tensor& parameters, const TaskShard& shard,
                         uint64_t) const override {
    const torch::NoGradGuard no_autograd;
    const Prediction prediction = Predict(parameters, shard);
    Loss::Record record;
    const Tensor loss = loss_->Forward(prediction.queries.features, shard.query_targets, record);
    const Encoder::Gradients decoder = decoder_->Backward(
        loss_->Backward(record), /*wants_inputs=*/true, *prediction.queries.record);
    const Encoder::Gradients encoder =
        encoder_->Backward(BackThroughMean(decoder.inputs, prediction.points.features),
                           /*wants_inputs=*/false, *prediction.points.record);
    return {.gradient = parameters_.Join({decoder.parameters, encoder.parameters}).sum(0),
            .loss = Sum(loss),
            .accuracy = {}};
  }

  TaskScores Evaluate(const Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions&) const override {
    const torch::NoGradGuard no_autograd;
    const Tensor outputs = Predict(parameters, shard).queries.features;
    return {{PredictionMode::kInductive, /*inner_steps=*/0, loss_->metric(),
             ToVector(loss_->Score(outputs, shard.query_targets)), outputs}};
  }

 private:
  struct Prediction {
    Encoder::Encoding points;   // r_i
    Encoder::Encoding queries;  // mu and s
  };

  Prediction Predict(const Tensor& parameters, const TaskShard& shard) const {
    const std::vector<Tensor> parts = parameters_.Split(ForEachTask(parameters, shard.tasks()));
    Prediction prediction;
    prediction.points =
        encoder_->Encode(parts[1], torch::cat({shard.support_inputs, shard.support_targets}, -1));
    const Tensor r = prediction.points.features.mean(1, /*keepdim=*/true);
    prediction.queries = decoder_->Encode(
        parts[0],
        torch::cat({shard.query_inputs, r.expand({-1, shard.query_inputs.size(1), -1})}, -1));
    return prediction;
  }

  // The gradient with respect to every r_i, as `points`, given that of the decoder's inputs.
  static Tensor BackThroughMean(const Tensor& input_gradient, const Tensor& points) {
    const int64_t size = points.size(2);
    const Tensor of_mean =
        input_gradient.narrow(2, input_gradient.size(2) - size, size).sum(1, /*keepdim=*/true);
    return (of_mean / points.size(1)).expand_as(points).contiguous();
  }

  const std::shared_ptr<const Encoder> encoder_;
  const std::shared_ptr<const Encoder> decoder_;
  const JoinedParameters parameters_;
  const std::unique_ptr<const Loss> loss_ = MakeGaussianLikelihood();
};

}  // namespace

std::unique_ptr<const Algorithm> MakeCnp(std::shared_ptr<const Encoder> encoder,
                                         std::shared_ptr<const Encoder> decoder) {
  return std::make_unique<Cnp>(std::move(encoder), std::move(decoder));
}

std::unique_ptr<const Algorithm> MakeCnp(const v1::Cnp& options, const ModelFactory& models) {
  const int64_t inputs = models.shape().inputs[0], outputs = models.shape().outputs;
  const int64_t representation = options.representation();
  return MakeCnp(models.MakeMlp(inputs + outputs, representation),
                 models.MakeMlp(inputs + representation, 2 * outputs));
}

}  // namespace outerloop::meta
