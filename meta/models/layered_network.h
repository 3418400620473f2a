// A list of layers as one function of parameters and inputs: the part that learners and encoders
// share.
#ifndef OUTERLOOP_META_MODELS_LAYERED_NETWORK_H_
#define OUTERLOOP_META_MODELS_LAYERED_NETWORK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "meta/initial_parameters.h"
#include "meta/ops/layer.h"
#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// A layer's parameter "weight" is the network's `name`.weight. Layers without parameters need no
// name.
struct NamedLayer {
  std::string name;
  std::shared_ptr<const Layer> layer;
};

// Composes the layers' four rules (layer.h) into those of the network, over T tasks in one batch.
// Parameters, their tangents and their gradients are [T, P]. Runs on any device, in any floating
// type. Callers turn autograd off: layers work in place. Immutable; pure; thread-safe.
class LayeredNetwork {
 public:
  // Of every layer, what a rule keeps for the rules after it: some four tensors of activations.
  using Records = std::vector<Layer::Record>;

  // At least one layer has parameters; names of those that have are distinct.
  explicit LayeredNetwork(std::vector<NamedLayer> layers);

  const ParameterLayout& layout() const { return layout_; }
  // Of every parameter of the layout.
  const std::map<std::string, InitialRange>& initial_ranges() const { return initial_ranges_; }

  // Outputs. Fills `records`.
  torch::Tensor Forward(const torch::Tensor& parameters, const torch::Tensor& inputs,
                        Records& records) const;
  // Outputs for `inputs` with the statistics of another batch: `records` are of its Forward under
  // the same parameters.
  torch::Tensor ForwardWithStatisticsOf(const Records& records, const torch::Tensor& parameters,
                                        const torch::Tensor& inputs) const;

  struct Gradients {
    torch::Tensor parameters;
    torch::Tensor inputs;  // As the inputs. Undefined if not wanted.
  };
  // `records` are Forward's, and keep what TangentBackward needs in addition.
  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Records& records) const;

  // The outputs' tangent, for constant inputs. `records` are of Forward and Backward; fills
  // `tangents`.
  torch::Tensor TangentForward(const torch::Tensor& direction, const Records& records,
                               Records& tangents) const;
  // The tangent of the parameters' gradient.
  torch::Tensor TangentBackward(const torch::Tensor& output_gradient_tangent,
                                const Records& records, const Records& tangents) const;

  // Whether outputs for one input depend on the task's other inputs.
  bool has_batch_statistics() const;

 private:
  // A backward rule of layer `index`, given the gradient of its outputs.
  using BackwardRule = std::function<Layer::Gradients(
      size_t index, const torch::Tensor& output_gradient, bool wants_inputs)>;

  // The layer's views of a flat buffer [T, P].
  Layer::Parameters ViewsOf(const torch::Tensor& flat, size_t index) const;
  // Takes the outputs' gradient, or its tangent, backwards through `rule` of every layer; of those
  // before the first with parameters only if the inputs' gradient is wanted.
  Gradients TakeBack(torch::Tensor gradient, bool wants_inputs, const BackwardRule& rule) const;

  const std::vector<NamedLayer> layers_;
  const ParameterLayout layout_;
  const std::map<std::string, InitialRange> initial_ranges_;
  // The layout's entries of each layer, in the layer's own order.
  const std::vector<std::vector<ParameterLayout::Entry>> entries_;
  const size_t first_;  // Of the layers that have parameters. What comes before it is constant.
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_LAYERED_NETWORK_H_
