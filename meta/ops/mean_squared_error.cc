#include "meta/ops/mean_squared_error.h"

namespace outerloop::meta {
namespace {

// The loss's second derivative by an output: 2 / (N K).
double Curvature(const torch::Tensor& outputs) {
  return 2.0 / static_cast<double>(outputs.size(1) * outputs.size(2));
}

// The record is the errors, outputs - targets.
class MeanSquaredError final : public Loss {
 public:
  torch::Tensor Forward(const torch::Tensor& outputs, const torch::Tensor& targets,
                        Record& record) const override {
    TORCH_CHECK(outputs.sizes() == targets.sizes(), "outputs are ", outputs.sizes(),
                " but targets are ", targets.sizes());
    const torch::Tensor errors = outputs - targets;
    record = errors;
    return errors.square().mean({1, 2});
  }

  torch::Tensor Backward(const Record& record) const override {
    const auto& errors = std::any_cast<const torch::Tensor&>(record);
    return errors * Curvature(errors);
  }

  torch::Tensor TangentBackward(const torch::Tensor& output_tangent,
                                const Record& record) const override {
    return output_tangent * Curvature(output_tangent);
  }

  std::string metric() const override { return "mse"; }

  torch::Tensor Score(const torch::Tensor& outputs, const torch::Tensor& targets) const override {
    Record unused;
    return Forward(outputs, targets, unused);
  }
};

}  // namespace

std::unique_ptr<const Loss> MakeMeanSquaredError() { return std::make_unique<MeanSquaredError>(); }

}  // namespace outerloop::meta
