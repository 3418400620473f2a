#include "meta/models/layered_learner.h"

#include <utility>

#include "meta/initial_parameters.h"

namespace outerloop::meta {

struct LayeredLearner::NetworkRecord : Learner::Record {
  LayeredNetwork::Record layers;
  Loss::Record loss;
};

LayeredLearner::LayeredLearner(std::vector<NamedLayer> layers, std::shared_ptr<const Loss> loss)
    : network_(std::move(layers)), loss_(std::move(loss)) {}

torch::Tensor LayeredLearner::InitialParameters(uint64_t seed) const {
  return DrawInitialParameters(network_.layout(), network_.initial_ranges(), seed);
}

Learner::Derivative LayeredLearner::Differentiate(const torch::Tensor& parameters,
                                                  const torch::Tensor& inputs,
                                                  const torch::Tensor& targets) const {
  const torch::NoGradGuard no_autograd;
  auto record = std::make_unique<NetworkRecord>();
  Derivative derivative;
  derivative.outputs = network_.Forward(parameters, inputs, record->layers);
  derivative.loss = loss_->Forward(derivative.outputs, targets, record->loss);
  derivative.gradient =
      network_.Backward(loss_->Backward(record->loss), /*wants_inputs=*/false, record->layers)
          .parameters;
  derivative.record = std::move(record);
  return derivative;
}

torch::Tensor LayeredLearner::HessianVectorProduct(const Record& record,
                                                   const torch::Tensor& direction) const {
  const torch::NoGradGuard no_autograd;
  const auto& kept = dynamic_cast<const NetworkRecord&>(record);
  LayeredNetwork::Record tangents;
  const torch::Tensor tangent = network_.TangentForward(direction, kept.layers, tangents);
  return network_.TangentBackward(loss_->TangentBackward(tangent, kept.loss), kept.layers,
                                  tangents);
}

torch::Tensor LayeredLearner::Predict(const torch::Tensor& parameters,
                                      const torch::Tensor& inputs) const {
  const torch::NoGradGuard no_autograd;
  LayeredNetwork::Record unused;
  return network_.Forward(parameters, inputs, unused);
}

torch::Tensor LayeredLearner::PredictInductively(const torch::Tensor& parameters,
                                                 const torch::Tensor& support_inputs,
                                                 const torch::Tensor& inputs) const {
  const torch::NoGradGuard no_autograd;
  LayeredNetwork::Record support;
  network_.Forward(parameters, support_inputs, support);
  return network_.ForwardWithStatisticsOf(support, parameters, inputs);
}

torch::Tensor LayeredLearner::Score(const torch::Tensor& outputs,
                                    const torch::Tensor& targets) const {
  const torch::NoGradGuard no_autograd;
  return loss_->Score(outputs, targets);
}

}  // namespace outerloop::meta
