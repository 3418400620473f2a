// A linear classifier of given features, which says how its loss depends on the features as well.
#ifndef OUTERLOOP_META_ALGORITHMS_LINEAR_HEAD_H_
#define OUTERLOOP_META_ALGORITHMS_LINEAR_HEAD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "meta/initial_parameters.h"
#include "meta/ops/layer.h"
#include "meta/ops/loss.h"
#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// The last layer of a network with its cross-entropy, T tasks at a time: features are [T, N, F],
// targets int64 [T, N], and each task has a row of parameters [T, H]. Composed of the rules of the
// layer and the loss. Immutable; pure; thread-safe.
class LinearHead {
 public:
  LinearHead(int64_t features, int64_t ways);

  // "bias" [ways] and "weight" [ways, features].
  const ParameterLayout& layout() const { return layout_; }
  const std::map<std::string, InitialRange>& initial_ranges() const { return initial_ranges_; }

  // Of each task's loss: with respect to its parameters, [T, H], and features, [T, N, F].
  struct Gradients {
    torch::Tensor parameters;
    torch::Tensor features;
  };
  struct Record {
    Layer::Record layer;
    Loss::Record loss;
  };
  struct Derivative {
    torch::Tensor outputs;  // Logits, [T, N, ways].
    torch::Tensor loss;     // [T]
    Gradients gradients;
    Record record;
  };

  Derivative Differentiate(const torch::Tensor& parameters, const torch::Tensor& features,
                           const torch::Tensor& targets) const;
  // How those gradients change as the parameters move along `direction` [T, H], where `record` was
  // taken: the second derivatives by (parameters, parameters) and (features, parameters), times it.
  Gradients HessianVectorProduct(const Record& record, const torch::Tensor& direction) const;

  torch::Tensor Predict(const torch::Tensor& parameters, const torch::Tensor& features) const;
  // The fraction of right answers, [T].
  torch::Tensor Score(const torch::Tensor& outputs, const torch::Tensor& targets) const;

 private:
  // Between a flat buffer [T, H] and the layer's parameters.
  Layer::Parameters ViewsOf(const torch::Tensor& flat) const;
  Gradients Flat(const Layer::Gradients& gradients) const;

  const std::unique_ptr<const Layer> layer_;
  const std::unique_ptr<const Loss> loss_;
  const std::map<std::string, InitialRange> initial_ranges_;
  const ParameterLayout layout_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_LINEAR_HEAD_H_
