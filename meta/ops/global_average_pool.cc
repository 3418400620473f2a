#include "meta/ops/global_average_pool.h"

namespace outerloop::meta {
namespace {

using Sizes = std::vector<int64_t>;  // Of the inputs: the record.

torch::Tensor Means(const torch::Tensor& images) { return images.mean({3, 4}); }

// The gradient of each pixel, given that of its channel's mean.
torch::Tensor OfPixels(const torch::Tensor& gradient, const Layer::Record& record) {
  const auto& sizes = std::any_cast<const Sizes&>(record);
  return (gradient / (sizes[3] * sizes[4])).unsqueeze(-1).unsqueeze(-1).expand(sizes);
}

class GlobalAveragePool final : public Layer {
 public:
  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    record = inputs.sizes().vec();
    return Means(inputs);
  }

  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    return {OfPixels(output_gradient, record), {}};
  }

  torch::Tensor TangentForward(const Parameters& parameter_tangent,
                               const torch::Tensor& input_tangent, const Record& record,
                               Record& tangent_record) const override {
    return Means(input_tangent);
  }

  Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    return {OfPixels(output_gradient_tangent, record), {}};
  }
};

}  // namespace

std::unique_ptr<const Layer> MakeGlobalAveragePool() {
  return std::make_unique<GlobalAveragePool>();
}

}  // namespace outerloop::meta
