#include "meta/models/layered_encoder.h"

#include <utility>

namespace outerloop::meta {

struct LayeredEncoder::NetworkRecord : Encoder::Record {
  LayeredNetwork::Record layers;
};

LayeredEncoder::LayeredEncoder(std::vector<NamedLayer> layers, int64_t features)
    : network_(std::move(layers)), features_(features) {}

Encoder::Encoding LayeredEncoder::Encode(const torch::Tensor& parameters,
                                         const torch::Tensor& inputs) const {
  const torch::NoGradGuard no_autograd;
  auto record = std::make_unique<NetworkRecord>();
  Encoding encoding;
  encoding.features = network_.Forward(parameters, inputs, record->layers);
  encoding.record = std::move(record);
  return encoding;
}

Encoder::Gradients LayeredEncoder::Backward(const torch::Tensor& feature_gradient,
                                            bool wants_inputs, Record& record) const {
  const torch::NoGradGuard no_autograd;
  LayeredNetwork::Gradients gradients = network_.Backward(
      feature_gradient, wants_inputs, dynamic_cast<NetworkRecord&>(record).layers);
  return {gradients.parameters, gradients.inputs};
}

torch::Tensor LayeredEncoder::EncodeWithStatisticsOf(const Record& record,
                                                     const torch::Tensor& parameters,
                                                     const torch::Tensor& inputs) const {
  const torch::NoGradGuard no_autograd;
  return network_.ForwardWithStatisticsOf(dynamic_cast<const NetworkRecord&>(record).layers,
                                          parameters, inputs);
}

}  // namespace outerloop::meta
