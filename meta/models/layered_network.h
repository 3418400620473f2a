// A list of layers as one function of flat parameters and inputs: the part that learners and
// encoders share.
#ifndef OUTERLOOP_META_MODELS_LAYERED_NETWORK_H_
#define OUTERLOOP_META_MODELS_LAYERED_NETWORK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "meta/initial_parameters.h"
#include "meta/ops/layer.h"
#include "meta/ops/sequence.h"
#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// The four rules (layer.h) of the layers' sequence, over T tasks in one batch, with parameters in
// flat buffers: parameters, their tangents and their gradients are [T, P]. Runs on any device, in
// any floating type. Callers turn autograd off: layers work in place. Immutable; pure; thread-safe.
class LayeredNetwork {
 public:
  // What a rule keeps for the rules after it: some four tensors of each layer's activations.
  using Record = Layer::Record;

  // At least one layer has parameters; their full names (sequence.h) are distinct.
  explicit LayeredNetwork(std::vector<NamedLayer> layers);

  const ParameterLayout& layout() const { return layout_; }
  // Of every parameter of the layout.
  const std::map<std::string, InitialRange>& initial_ranges() const { return initial_ranges_; }
  // The names of scales and shifts of normalised values.
  std::vector<std::string> normalization_parameters() const;

  // Outputs. Fills `record`.
  torch::Tensor Forward(const torch::Tensor& parameters, const torch::Tensor& inputs,
                        Record& record) const;
  // Outputs for `inputs` with the statistics of another batch: `record` is of its Forward under the
  // same parameters.
  torch::Tensor ForwardWithStatisticsOf(const Record& record, const torch::Tensor& parameters,
                                        const torch::Tensor& inputs) const;

  struct Gradients {
    torch::Tensor parameters;
    torch::Tensor inputs;  // As the inputs. Undefined if not wanted.
  };
  // `record` is Forward's, and keeps what TangentBackward needs in addition.
  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs, Record& record) const;

  // The outputs' tangent, for constant inputs. `record` is of Forward and Backward; fills
  // `tangent`.
  torch::Tensor TangentForward(const torch::Tensor& direction, const Record& record,
                               Record& tangent) const;
  // The tangent of the parameters' gradient.
  torch::Tensor TangentBackward(const torch::Tensor& output_gradient_tangent, const Record& record,
                                const Record& tangent) const;

  // Whether outputs for one input depend on the task's other inputs.
  bool has_batch_statistics() const { return layers_->has_batch_statistics(); }

 private:
  // Between a flat buffer [T, P] and the layers' parameters.
  Layer::Parameters ViewsOf(const torch::Tensor& flat) const;
  torch::Tensor Flat(const Layer::Parameters& parameters) const;

  const std::unique_ptr<const Layer> layers_;
  const ParameterLayout layout_;
  const std::map<std::string, InitialRange> initial_ranges_;
  // The layout's entries in the order of the layers.
  const std::vector<ParameterLayout::Entry> entries_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_LAYERED_NETWORK_H_
