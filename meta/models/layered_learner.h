// The learner that is a list of layers and a loss.
#ifndef OUTERLOOP_META_MODELS_LAYERED_LEARNER_H_
#define OUTERLOOP_META_MODELS_LAYERED_LEARNER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "meta/models/learner.h"
#include "meta/ops/layer.h"
#include "meta/ops/loss.h"

namespace outerloop::meta {

// A layer's parameter "weight" is the network's `name`.weight. Layers without parameters need no
// name.
struct NamedLayer {
  std::string name;
  std::shared_ptr<const Layer> layer;
};

// Composes the layers' rules: gradients by forward and backward, Hessian-vector products by tangent
// forward and tangent backward. Runs on any device, in any floating type, all tasks in one batch. A
// record keeps some four tensors of each layer's activations until it is destroyed.
class LayeredLearner final : public Learner {
 public:
  // At least one layer has parameters; names of those that have are distinct.
  LayeredLearner(std::vector<NamedLayer> layers, std::shared_ptr<const Loss> loss);

  const ParameterLayout& layout() const override { return layout_; }
  torch::Tensor InitialParameters(uint64_t seed) const override;

  Derivative Differentiate(const torch::Tensor& parameters, const torch::Tensor& inputs,
                           const torch::Tensor& targets) const override;
  torch::Tensor HessianVectorProduct(const Record& record,
                                     const torch::Tensor& direction) const override;

  torch::Tensor Predict(const torch::Tensor& parameters,
                        const torch::Tensor& inputs) const override;
  torch::Tensor PredictInductively(const torch::Tensor& parameters,
                                   const torch::Tensor& support_inputs,
                                   const torch::Tensor& inputs) const override;
  bool has_batch_statistics() const override;

  std::string metric() const override { return loss_->metric(); }
  torch::Tensor Score(const torch::Tensor& outputs, const torch::Tensor& targets) const override;

 private:
  using LayerRecords = std::vector<Layer::Record>;
  struct NetworkRecord;
  // A backward rule of layer `index`, given the gradient of its outputs.
  using BackwardRule = std::function<Layer::Gradients(
      size_t index, const torch::Tensor& output_gradient, bool wants_inputs)>;

  // The layer's views of a flat buffer [T, P].
  Layer::Parameters ViewsOf(const torch::Tensor& flat, size_t index) const;
  // Outputs of the whole network. Fills `records`, one a layer.
  torch::Tensor Forward(const torch::Tensor& parameters, const torch::Tensor& inputs,
                        LayerRecords& records) const;
  // Takes the outputs' gradient, or its tangent, backwards through `rule` of every layer that has
  // parameters before or in it. Returns the parameters' gradient, or its tangent, [T, P].
  torch::Tensor Backward(torch::Tensor gradient, const BackwardRule& rule) const;

  const std::vector<NamedLayer> layers_;
  const std::shared_ptr<const Loss> loss_;
  const ParameterLayout layout_;
  // The layout's entries of each layer, in the layer's own order.
  const std::vector<std::vector<ParameterLayout::Entry>> entries_;
  const size_t first_;  // Of the layers that have parameters. What comes before it is constant.
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_LAYERED_LEARNER_H_
