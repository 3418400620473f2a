#include "meta/ops/cross_entropy.h"

namespace outerloop::meta {
namespace {

struct ForwardRecord {
  torch::Tensor probabilities;  // [T, N, K]
  torch::Tensor targets;        // One-hot, [T, N, K].
};

double Examples(const torch::Tensor& outputs) { return static_cast<double>(outputs.size(1)); }

class CrossEntropy final : public Loss {
 public:
  torch::Tensor Forward(const torch::Tensor& outputs, const torch::Tensor& targets,
                        Record& record) const override {
    const torch::Tensor log_probabilities = torch::log_softmax(outputs, -1);
    record = ForwardRecord{log_probabilities.exp(),
                           torch::one_hot(targets, outputs.size(2)).to(outputs.scalar_type())};
    return -log_probabilities.gather(-1, targets.unsqueeze(-1)).mean({1, 2});
  }

  torch::Tensor Backward(const Record& record) const override {
    const auto& [probabilities, targets] = std::any_cast<const ForwardRecord&>(record);
    return (probabilities - targets).div_(Examples(probabilities));
  }

  // The Hessian of one example is diag(p) - p p^T.
  torch::Tensor TangentBackward(const torch::Tensor& output_tangent,
                                const Record& record) const override {
    const torch::Tensor& p = std::any_cast<const ForwardRecord&>(record).probabilities;
    const torch::Tensor mean = (p * output_tangent).sum(-1, /*keepdim=*/true);
    return (output_tangent - mean).mul_(p).div_(Examples(p));
  }

  std::string metric() const override { return "accuracy"; }

  torch::Tensor Score(const torch::Tensor& outputs, const torch::Tensor& targets) const override {
    return outputs.argmax(-1).eq(targets).to(outputs.scalar_type()).mean(-1);
  }
};

}  // namespace

std::unique_ptr<const Loss> MakeCrossEntropy() { return std::make_unique<CrossEntropy>(); }

}  // namespace outerloop::meta
