#include "meta/ops/conv2d.h"

#include <array>
#include <tuple>
#include <utility>

#include "meta/ops/channels.h"
#include "meta/ops/product_precision.h"

namespace outerloop::meta {
namespace {

torch::Tensor ImageFactor(const torch::Tensor& images) { return Factor(Group(images)); }

// [T, F, C, K, K] as [T * F, C, K, K], channels last.
torch::Tensor WeightFactor(const torch::Tensor& weight) {
  return Factor(weight.flatten(0, 1).contiguous(at::MemoryFormat::ChannelsLast));
}

// Factors, as all tensors below.
struct ForwardRecord {
  int64_t tasks;
  torch::Tensor inputs;
  torch::Tensor weight;
  torch::Tensor output_gradient;  // From Backward.
};

struct TangentRecord {
  torch::Tensor inputs;  // Undefined for zero.
  torch::Tensor weight;
};

InitialRange RangeOf(const Conv2dOptions& options) {
  const int64_t area = options.kernel * options.kernel;
  return options.initial_weights == InitialWeights::kHeUniform
             ? HeUniform(options.channels * area)
             : GlorotUniform(options.channels * area, options.filters * area);
}

class Conv2d final : public Layer {
 public:
  explicit Conv2d(const Conv2dOptions& options) : options_(options) {}

  std::vector<ParameterSpec> parameters() const override {
    const auto& [channels, filters, kernel, stride, padding, bias, initial_weights] = options_;
    std::vector<ParameterSpec> specs = {
        {"weight", {filters, channels, kernel, kernel}, RangeOf(options_)}};
    if (bias) specs.push_back({"bias", {filters}, {0, 0}});
    return specs;
  }

  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    const int64_t tasks = inputs.size(0);
    ForwardRecord kept{tasks, ImageFactor(inputs), WeightFactor(parameters[0]), {}};
    torch::Tensor outputs = Convolve(kept.inputs, kept.weight, tasks);
    record = std::move(kept);
    return PlusBias(Ungroup(outputs, tasks), parameters);
  }

  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    auto& kept = std::any_cast<ForwardRecord&>(record);
    kept.output_gradient = ImageFactor(output_gradient);
    Gradients gradients;
    gradients.parameters =
        WithBias(WeightGradient(kept.output_gradient, kept.inputs, kept), output_gradient);
    if (wants_inputs) {
      gradients.inputs =
          Ungroup(InputGradient(kept.output_gradient, kept.weight, kept), kept.tasks);
    }
    return gradients;
  }

  torch::Tensor TangentForward(const Parameters& parameter_tangent,
                               const torch::Tensor& input_tangent, const Record& record,
                               Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    TangentRecord tangent{{}, WeightFactor(parameter_tangent[0])};
    torch::Tensor outputs = Convolve(kept.inputs, tangent.weight, kept.tasks);
    if (input_tangent.defined()) {
      tangent.inputs = ImageFactor(input_tangent);
      outputs += Convolve(tangent.inputs, kept.weight, kept.tasks);
    }
    tangent_record = std::move(tangent);
    return PlusBias(Ungroup(outputs, kept.tasks), parameter_tangent);
  }

  Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    const auto& tangent = std::any_cast<const TangentRecord&>(tangent_record);
    const torch::Tensor gradient_tangent = ImageFactor(output_gradient_tangent);
    Gradients gradients;
    gradients.parameters =
        WithBias(WeightGradientTangent(gradient_tangent, kept, tangent), output_gradient_tangent);
    if (wants_inputs) {
      torch::Tensor inputs = InputGradient(gradient_tangent, kept.weight, kept);
      inputs += InputGradient(kept.output_gradient, tangent.weight, kept);
      gradients.inputs = Ungroup(inputs, kept.tasks);
    }
    return gradients;
  }

 private:
  torch::Tensor PlusBias(torch::Tensor outputs, const Parameters& parameters) const {
    if (options_.bias) outputs += OverImages(parameters[1]);
    return outputs;
  }

  Parameters WithBias(const torch::Tensor& weight, const torch::Tensor& output_gradient) const {
    if (!options_.bias) return {weight};
    return {weight, AsParameter(ChannelSum(output_gradient))};
  }

  torch::Tensor Convolve(const torch::Tensor& inputs, const torch::Tensor& weight,
                         int64_t tasks) const {
    return torch::conv2d(inputs, weight, /*bias=*/{}, options_.stride, options_.padding,
                         /*dilation=*/1, /*groups=*/tasks)
        .contiguous(at::MemoryFormat::ChannelsLast);
  }

  // The gradient with respect to the inputs; of `kept` only the inputs' sizes matter.
  torch::Tensor InputGradient(const torch::Tensor& output_gradient, const torch::Tensor& weight,
                              const ForwardRecord& kept) const {
    return std::get<0>(
        ConvolveBackward(output_gradient, kept.inputs, weight, kept.tasks, {true, false, false}));
  }

  // The gradient with respect to the weight, [T, F, C, K, K].
  torch::Tensor WeightGradient(const torch::Tensor& output_gradient, const torch::Tensor& inputs,
                               const ForwardRecord& kept) const {
    return std::get<1>(ConvolveBackward(output_gradient, inputs, kept.weight, kept.tasks,
                                        {false, true, false}))
        .unflatten(0, {kept.tasks, options_.filters});
  }

  // The two terms are sums over examples, so they are one sum over twice the examples.
  torch::Tensor WeightGradientTangent(const torch::Tensor& gradient_tangent,
                                      const ForwardRecord& kept,
                                      const TangentRecord& tangent) const {
    if (!tangent.inputs.defined()) return WeightGradient(gradient_tangent, kept.inputs, kept);
    return WeightGradient(torch::cat({gradient_tangent, kept.output_gradient}),
                          torch::cat({kept.inputs, tangent.inputs}), kept);
  }

  std::tuple<torch::Tensor, torch::Tensor, torch::Tensor> ConvolveBackward(
      const torch::Tensor& output_gradient, const torch::Tensor& inputs,
      const torch::Tensor& weight, int64_t tasks, std::array<bool, 3> wanted) const {
    return torch::convolution_backward(
        output_gradient, inputs, weight, /*bias_sizes=*/{}, {options_.stride, options_.stride},
        {options_.padding, options_.padding}, /*dilation=*/{1, 1}, /*transposed=*/false,
        /*output_padding=*/{0, 0}, /*groups=*/tasks, wanted);
  }

  const Conv2dOptions options_;
};

}  // namespace

std::unique_ptr<const Layer> MakeConv2d(const Conv2dOptions& options) {
  return std::make_unique<Conv2d>(options);
}

int64_t Conv2dOutputSize(const Conv2dOptions& options, int64_t size) {
  return (size + 2 * options.padding - options.kernel) / options.stride + 1;
}

}  // namespace outerloop::meta
