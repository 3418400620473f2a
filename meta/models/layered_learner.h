// The learner that is a list of layers and a loss.
#ifndef OUTERLOOP_META_MODELS_LAYERED_LEARNER_H_
#define OUTERLOOP_META_MODELS_LAYERED_LEARNER_H_

#include <memory>
#include <string>
#include <vector>

#include "meta/models/layered_network.h"
#include "meta/models/learner.h"
#include "meta/ops/loss.h"

namespace outerloop::meta {

// Composes the network's rules with the loss's: gradients by forward and backward, Hessian-vector
// products by tangent forward and tangent backward. A record keeps some four tensors of each
// layer's activations until it is destroyed.
class LayeredLearner final : public Learner {
 public:
  // `layers` as LayeredNetwork takes them.
  LayeredLearner(std::vector<NamedLayer> layers, std::shared_ptr<const Loss> loss);

  const ParameterLayout& layout() const override { return network_.layout(); }
  torch::Tensor InitialParameters(uint64_t seed) const override;
  std::vector<std::string> normalization_parameters() const override {
    return network_.normalization_parameters();
  }

  Derivative Differentiate(const torch::Tensor& parameters, const torch::Tensor& inputs,
                           const torch::Tensor& targets) const override;
  torch::Tensor HessianVectorProduct(const Record& record,
                                     const torch::Tensor& direction) const override;

  torch::Tensor Predict(const torch::Tensor& parameters,
                        const torch::Tensor& inputs) const override;
  torch::Tensor PredictInductively(const torch::Tensor& parameters,
                                   const torch::Tensor& support_inputs,
                                   const torch::Tensor& inputs) const override;
  bool has_batch_statistics() const override { return network_.has_batch_statistics(); }

  std::string metric() const override { return loss_->metric(); }
  torch::Tensor Score(const torch::Tensor& outputs, const torch::Tensor& targets) const override;

 private:
  struct NetworkRecord;

  const LayeredNetwork network_;
  const std::shared_ptr<const Loss> loss_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_LAYERED_LEARNER_H_
