#include "meta/ops/linear.h"

#include <utility>

#include "meta/ops/product_precision.h"

namespace outerloop::meta {
namespace {

// Factors, as all tensors below.
struct ForwardRecord {
  torch::Tensor inputs;           // [T, N, inputs]
  torch::Tensor weight;           // [T, outputs, inputs]
  torch::Tensor output_gradient;  // [T, N, outputs], from Backward.
};

struct TangentRecord {
  torch::Tensor inputs;  // Undefined for zero.
  torch::Tensor weight;
};

// Each example's product with the weight, and its transposes.
torch::Tensor Outputs(const torch::Tensor& inputs, const torch::Tensor& weight) {
  return torch::bmm(inputs, weight.transpose(1, 2));
}
torch::Tensor InputGradient(const torch::Tensor& output_gradient, const torch::Tensor& weight) {
  return torch::bmm(output_gradient, weight);
}
torch::Tensor WeightGradient(const torch::Tensor& output_gradient, const torch::Tensor& inputs) {
  return torch::bmm(output_gradient.transpose(1, 2), inputs);
}

class Linear final : public Layer {
 public:
  explicit Linear(const LinearOptions& options) : options_(options) {}

  std::vector<ParameterSpec> parameters() const override {
    const auto& [inputs, outputs, bias, initial_weight] = options_;
    std::vector<ParameterSpec> specs = {{"weight", {outputs, inputs}, initial_weight}};
    if (bias) specs.push_back({"bias", {outputs}, {0, 0}});
    return specs;
  }

  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    ForwardRecord kept{Factor(inputs), Factor(parameters[0]), {}};
    torch::Tensor outputs = Outputs(kept.inputs, kept.weight);
    record = std::move(kept);
    return PlusBias(outputs, parameters);
  }

  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    auto& kept = std::any_cast<ForwardRecord&>(record);
    kept.output_gradient = Factor(output_gradient);
    Gradients gradients;
    gradients.parameters =
        WithBias(WeightGradient(kept.output_gradient, kept.inputs), output_gradient);
    if (wants_inputs) gradients.inputs = InputGradient(kept.output_gradient, kept.weight);
    return gradients;
  }

  torch::Tensor TangentForward(const Parameters& parameter_tangent,
                               const torch::Tensor& input_tangent, const Record& record,
                               Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    TangentRecord tangent{{}, Factor(parameter_tangent[0])};
    torch::Tensor outputs = Outputs(kept.inputs, tangent.weight);
    if (input_tangent.defined()) {
      tangent.inputs = Factor(input_tangent);
      outputs += Outputs(tangent.inputs, kept.weight);
    }
    tangent_record = std::move(tangent);
    return PlusBias(outputs, parameter_tangent);
  }

  Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    const auto& tangent = std::any_cast<const TangentRecord&>(tangent_record);
    const torch::Tensor gradient_tangent = Factor(output_gradient_tangent);
    torch::Tensor weight = WeightGradient(gradient_tangent, kept.inputs);
    if (tangent.inputs.defined()) weight += WeightGradient(kept.output_gradient, tangent.inputs);
    Gradients gradients;
    gradients.parameters = WithBias(weight, output_gradient_tangent);
    if (wants_inputs) {
      gradients.inputs = InputGradient(gradient_tangent, kept.weight) +
                         InputGradient(kept.output_gradient, tangent.weight);
    }
    return gradients;
  }

 private:
  torch::Tensor PlusBias(torch::Tensor outputs, const Parameters& parameters) const {
    if (options_.bias) outputs += parameters[1].unsqueeze(1);
    return outputs;
  }

  Parameters WithBias(const torch::Tensor& weight, const torch::Tensor& output_gradient) const {
    if (!options_.bias) return {weight};
    return {weight, output_gradient.sum(1)};
  }

  const LinearOptions options_;
};

}  // namespace

std::unique_ptr<const Layer> MakeLinear(const LinearOptions& options) {
  return std::make_unique<Linear>(options);
}

}  // namespace outerloop::meta
