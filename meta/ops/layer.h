// One layer of a network, as four rules from which gradients and exact Hessian-vector products of
// every network follow without an autograd graph.
//
// For outputs y = f(w, x) of parameters w and inputs x, write g_a for the gradient of the loss with
// respect to a, and a' for the derivative of a along a direction of all the network's parameters
// (its tangent). Then
//   forward            y = f(w, x)
//   backward           (g_w, g_x) = J^T g_y,            J = (df/dw, df/dx)
//   tangent forward    y' = J (w', x')
//   tangent backward   (g_w', g_x') = J^T g_y' + J'^T g_y
// and g_w' over all layers is the Hessian times the direction (Pearlmutter 1994, "Fast exact
// multiplication by the Hessian", section 4).
#ifndef OUTERLOOP_META_OPS_LAYER_H_
#define OUTERLOOP_META_OPS_LAYER_H_

#include <any>
#include <cstdint>
#include <string>
#include <vector>

#include "meta/initial_parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// Immutable; pure; thread-safe. All rules are batched over T tasks, each with its own parameters,
// and a task's results do not depend on the other tasks. Images are [T, N, C, H, W] and feature
// vectors [T, N, F] in sizes; strides are free, and layers of images keep the order N, H, W, T, C
// in memory, which convolutions and statistics like best.
//
// Tensors that come in are never written to, and may be kept in records.
class Layer {
 public:
  struct ParameterSpec {
    std::string name;  // Within the layer: "weight".
    std::vector<int64_t> shape;
    InitialRange initial;
    bool normalizes = false;  // A scale or shift of normalised values.
  };
  // Tensors in the order of parameters(), each [T, shape]: values, tangents or gradients.
  using Parameters = std::vector<torch::Tensor>;

  struct Gradients {
    torch::Tensor inputs;  // As the inputs. Undefined if not wanted.
    Parameters parameters;
  };

  // What a rule keeps for the rules after it: a struct of the layer's own.
  using Record = std::any;

  virtual ~Layer() = default;

  virtual std::vector<ParameterSpec> parameters() const { return {}; }

  // Fills `record`.
  virtual torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                                Record& record) const = 0;

  // `record` is Forward's, and keeps what TangentBackward needs in addition. Layers without
  // parameters may assume that the inputs' gradient is wanted: there is no other use of theirs.
  virtual Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                             Record& record) const = 0;

  // `record` is of Forward and Backward; fills `tangent_record`. In a layer with parameters
  // `input_tangent` may be undefined, which means zero: the first such layer's inputs are data.
  virtual torch::Tensor TangentForward(const Parameters& parameter_tangent,
                                       const torch::Tensor& input_tangent, const Record& record,
                                       Record& tangent_record) const = 0;

  // The tangents of what Backward returned; it returned the inputs' gradient if that of this is
  // wanted.
  virtual Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                                    const Record& record, const Record& tangent_record) const = 0;

  // Whether outputs for one input depend on the task's other inputs.
  virtual bool has_batch_statistics() const { return false; }

  // Outputs for `inputs` with the statistics of another batch: `record` is of its Forward under the
  // same parameters.
  virtual torch::Tensor ForwardWithStatisticsOf(const Record& record, const Parameters& parameters,
                                                const torch::Tensor& inputs) const {
    Record unused;
    return Forward(parameters, inputs, unused);
  }
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_LAYER_H_
