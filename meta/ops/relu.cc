#include "meta/ops/relu.h"

namespace outerloop::meta {
namespace {

class Relu final : public Layer {
 public:
  explicit Relu(double negative_slope) : negative_slope_(negative_slope) {}

  // The record is the outputs, whose signs are the inputs'.
  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    torch::Tensor outputs =
        negative_slope_ == 0 ? torch::relu(inputs) : torch::leaky_relu(inputs, negative_slope_);
    record = outputs;
    return outputs;
  }

  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    return {Through(output_gradient, record), {}};
  }

  torch::Tensor TangentForward(const Parameters& parameter_tangent,
                               const torch::Tensor& input_tangent, const Record& record,
                               Record& tangent_record) const override {
    return Through(input_tangent, record);
  }

  Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    return {Through(output_gradient_tangent, record), {}};
  }

 private:
  // The rule of all three derivatives: what belongs to a positive output goes through whole.
  torch::Tensor Through(const torch::Tensor& values, const Record& record) const {
    const auto& outputs = std::any_cast<const torch::Tensor&>(record);
    if (negative_slope_ == 0) return torch::threshold_backward(values, outputs, /*threshold=*/0);
    return torch::leaky_relu_backward(values, outputs, negative_slope_, /*self_is_result=*/true);
  }

  const double negative_slope_;
};

}  // namespace

std::unique_ptr<const Layer> MakeRelu(double negative_slope) {
  return std::make_unique<Relu>(negative_slope);
}

}  // namespace outerloop::meta
