#include "meta/ops/scale_shift.h"

#include <utility>

#include "meta/ops/channels.h"

namespace outerloop::meta {
namespace {

// Images are [T, N, C, H, W], scales [T, 1, C, 1, 1].
struct ForwardRecord {
  torch::Tensor inputs;  // Images.
  torch::Tensor scale;
  torch::Tensor output_gradient;  // Images, from Backward.
};

struct TangentRecord {
  torch::Tensor inputs;  // Images. Undefined for zero.
  torch::Tensor scale;
};

class ScaleShift final : public Layer {
 public:
  explicit ScaleShift(int64_t channels) : channels_(channels) {}

  std::vector<ParameterSpec> parameters() const override {
    return {{"scale", {channels_}, {1, 1}, /*normalizes=*/true},
            {"shift", {channels_}, {0, 0}, /*normalizes=*/true}};
  }

  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    const torch::Tensor scale = OverImages(parameters[0]);
    record = ForwardRecord{inputs, scale, {}};
    return torch::addcmul(OverImages(parameters[1]), inputs, scale);
  }

  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    auto& kept = std::any_cast<ForwardRecord&>(record);
    kept.output_gradient = output_gradient;
    Gradients gradients{{},
                        {AsParameter(ChannelSum(output_gradient * kept.inputs)),
                         AsParameter(ChannelSum(output_gradient))}};
    if (wants_inputs) gradients.inputs = output_gradient * kept.scale;
    return gradients;
  }

  torch::Tensor TangentForward(const Parameters& parameter_tangent,
                               const torch::Tensor& input_tangent, const Record& record,
                               Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    const torch::Tensor scale = OverImages(parameter_tangent[0]);
    torch::Tensor outputs = torch::addcmul(OverImages(parameter_tangent[1]), kept.inputs, scale);
    if (input_tangent.defined()) outputs.addcmul_(input_tangent, kept.scale);
    tangent_record = TangentRecord{input_tangent, scale};
    return outputs;
  }

  Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    const auto& tangent = std::any_cast<const TangentRecord&>(tangent_record);
    torch::Tensor of_scale = output_gradient_tangent * kept.inputs;
    if (tangent.inputs.defined()) of_scale.addcmul_(kept.output_gradient, tangent.inputs);
    Gradients gradients{
        {}, {AsParameter(ChannelSum(of_scale)), AsParameter(ChannelSum(output_gradient_tangent))}};
    if (wants_inputs) {
      gradients.inputs =
          (output_gradient_tangent * kept.scale).addcmul_(kept.output_gradient, tangent.scale);
    }
    return gradients;
  }

 private:
  const int64_t channels_;
};

}  // namespace

std::unique_ptr<const Layer> MakeScaleShift(int64_t channels) {
  return std::make_unique<ScaleShift>(channels);
}

}  // namespace outerloop::meta
