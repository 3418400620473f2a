#include "meta/ops/relu.h"

namespace outerloop::meta {
namespace {

// The rule of all three derivatives: what goes through is what belongs to a positive output. The
// record is the outputs.
torch::Tensor Through(const torch::Tensor& values, const Layer::Record& record) {
  const auto& outputs = std::any_cast<const torch::Tensor&>(record);
  return torch::threshold_backward(values, outputs, /*threshold=*/0);
}

class Relu final : public Layer {
 public:
  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    torch::Tensor outputs = torch::relu(inputs);
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
};

}  // namespace

std::unique_ptr<const Layer> MakeRelu() { return std::make_unique<Relu>(); }

}  // namespace outerloop::meta
