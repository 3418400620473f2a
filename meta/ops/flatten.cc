#include "meta/ops/flatten.h"

namespace outerloop::meta {
namespace {

using Sizes = std::vector<int64_t>;  // Of the inputs: the record.

torch::Tensor Flattened(const torch::Tensor& images) { return images.flatten(2); }

torch::Tensor Unflattened(const torch::Tensor& features, const Layer::Record& record) {
  return features.reshape(std::any_cast<const Sizes&>(record));
}

class Flatten final : public Layer {
 public:
  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    record = inputs.sizes().vec();
    return Flattened(inputs);
  }

  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    return {Unflattened(output_gradient, record), {}};
  }

  torch::Tensor TangentForward(const Parameters& parameter_tangent,
                               const torch::Tensor& input_tangent, const Record& record,
                               Record& tangent_record) const override {
    return Flattened(input_tangent);
  }

  Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    return {Unflattened(output_gradient_tangent, record), {}};
  }
};

}  // namespace

std::unique_ptr<const Layer> MakeFlatten() { return std::make_unique<Flatten>(); }

}  // namespace outerloop::meta
