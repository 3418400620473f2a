#include "meta/ops/batch_norm.h"

#include <utility>

#include "meta/ops/channels.h"

namespace outerloop::meta {
namespace {

// In the names of the paper: n = (x - mean) r with r = 1 / sqrt(variance + epsilon), and
// y = scale n + shift. With <a> the mean of a over a channel of a task, the rules are
//   g_shift = sum g_y,   g_scale = sum g_y n,
//   g_x = scale r u,     u = g_y - <g_y> - n <g_y n>,
//   n' = r (x' - <x'> - n <x' n>),   r' = -r^2 <x' n>,
// and the derivatives of the first two lines along the direction.

int64_t Count(const torch::Tensor& images) {
  return images.size(1) * images.size(3) * images.size(4);
}

// Images are [T, N, C, H, W], everything else [T, 1, C, 1, 1].
struct ForwardRecord {
  torch::Tensor mean;               // <x>
  torch::Tensor inverse_deviation;  // r
  torch::Tensor normalized;         // n, images.
  torch::Tensor scale;
  // From Backward.
  torch::Tensor output_gradient;           // g_y, images.
  torch::Tensor mean_gradient;             // <g_y>
  torch::Tensor mean_gradient_normalized;  // <g_y n>
};

struct TangentRecord {
  torch::Tensor normalized;         // n', images.
  torch::Tensor inverse_deviation;  // r'
  torch::Tensor scale;              // scale'
};

// u, images.
torch::Tensor Centered(const ForwardRecord& kept) {
  return (kept.output_gradient - kept.mean_gradient)
      .addcmul_(kept.normalized, kept.mean_gradient_normalized, -1);
}

class BatchNorm final : public Layer {
 public:
  explicit BatchNorm(const BatchNormOptions& options) : options_(options) {}

  std::vector<ParameterSpec> parameters() const override {
    return {{"scale", {options_.channels}, {1, 1}, /*normalizes=*/true},
            {"shift", {options_.channels}, {0, 0}, /*normalizes=*/true}};
  }

  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    ForwardRecord kept;
    kept.mean = ChannelMean(inputs);
    kept.normalized = inputs - kept.mean;
    kept.inverse_deviation = ChannelMean(kept.normalized.square()).add_(options_.epsilon).rsqrt_();
    kept.normalized *= kept.inverse_deviation;
    kept.scale = OverImages(parameters[0]);
    torch::Tensor outputs = torch::addcmul(OverImages(parameters[1]), kept.normalized, kept.scale);
    record = std::move(kept);
    return outputs;
  }

  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    auto& kept = std::any_cast<ForwardRecord&>(record);
    const double count = static_cast<double>(Count(output_gradient));
    const torch::Tensor shift = ChannelSum(output_gradient);
    const torch::Tensor scale = ChannelSum(output_gradient * kept.normalized);
    kept.output_gradient = output_gradient;
    kept.mean_gradient = shift / count;
    kept.mean_gradient_normalized = scale / count;
    Gradients gradients{{}, {AsParameter(scale), AsParameter(shift)}};
    if (wants_inputs) gradients.inputs = Centered(kept).mul_(kept.scale * kept.inverse_deviation);
    return gradients;
  }

  torch::Tensor TangentForward(const Parameters& parameter_tangent,
                               const torch::Tensor& input_tangent, const Record& record,
                               Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    TangentRecord tangent = NormalizedTangent(input_tangent, kept);
    tangent.scale = OverImages(parameter_tangent[0]);
    torch::Tensor outputs =
        torch::addcmul(OverImages(parameter_tangent[1]), kept.normalized, tangent.scale);
    outputs.addcmul_(tangent.normalized, kept.scale);
    tangent_record = std::move(tangent);
    return outputs;
  }

  Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    const auto& tangent = std::any_cast<const TangentRecord&>(tangent_record);
    const torch::Tensor shift = ChannelSum(output_gradient_tangent);
    const torch::Tensor scale = ChannelSum((output_gradient_tangent * kept.normalized)
                                               .addcmul_(kept.output_gradient, tangent.normalized));
    Gradients gradients{{}, {AsParameter(scale), AsParameter(shift)}};
    if (wants_inputs) {
      const double count = static_cast<double>(Count(output_gradient_tangent));
      gradients.inputs = InputGradientTangent(output_gradient_tangent, shift / count, scale / count,
                                              kept, tangent);
    }
    return gradients;
  }

  bool has_batch_statistics() const override { return true; }

  torch::Tensor ForwardWithStatisticsOf(const Record& record, const Parameters& parameters,
                                        const torch::Tensor& inputs) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    const torch::Tensor normalized = (inputs - kept.mean).mul_(kept.inverse_deviation);
    return torch::addcmul(OverImages(parameters[1]), normalized, OverImages(parameters[0]));
  }

 private:
  // n' and r'.
  static TangentRecord NormalizedTangent(const torch::Tensor& input_tangent,
                                         const ForwardRecord& kept) {
    TangentRecord tangent;
    const torch::Tensor& r = kept.inverse_deviation;
    if (!input_tangent.defined()) {
      tangent.normalized = torch::zeros_like(kept.normalized);
      tangent.inverse_deviation = torch::zeros_like(r);
      return tangent;
    }
    const torch::Tensor correlation = ChannelMean(input_tangent * kept.normalized);
    tangent.normalized = (input_tangent - ChannelMean(input_tangent))
                             .addcmul_(kept.normalized, correlation, -1)
                             .mul_(r);
    tangent.inverse_deviation = (r * r * correlation).neg_();
    return tangent;
  }

  // g_x' = (scale r)' u + scale r u', where u' = g_y' - <g_y'> - n' <g_y n> - n <g_y n>'.
  static torch::Tensor InputGradientTangent(const torch::Tensor& output_gradient_tangent,
                                            const torch::Tensor& mean_gradient_tangent,
                                            const torch::Tensor& mean_gradient_normalized_tangent,
                                            const ForwardRecord& kept,
                                            const TangentRecord& tangent) {
    const torch::Tensor factor = kept.scale * kept.inverse_deviation;
    const torch::Tensor factor_tangent =
        tangent.scale * kept.inverse_deviation + kept.scale * tangent.inverse_deviation;
    torch::Tensor centered_tangent =
        (output_gradient_tangent - mean_gradient_tangent)
            .addcmul_(tangent.normalized, kept.mean_gradient_normalized, -1)
            .addcmul_(kept.normalized, mean_gradient_normalized_tangent, -1);
    return centered_tangent.mul_(factor).addcmul_(Centered(kept), factor_tangent);
  }

  const BatchNormOptions options_;
};

}  // namespace

std::unique_ptr<const Layer> MakeBatchNorm(const BatchNormOptions& options) {
  return std::make_unique<BatchNorm>(options);
}

}  // namespace outerloop::meta
