// What a network is trained to make small, with the rules that start its backward passes.
#ifndef OUTERLOOP_META_OPS_LOSS_H_
#define OUTERLOOP_META_OPS_LOSS_H_

#include <any>
#include <string>

#include "torch/torch.h"

namespace outerloop::meta {

// Immutable; pure; thread-safe. Outputs are [T, N, K], of as many numbers an example as the loss
// takes; the loss of each task is a mean over its N examples. The rules are those of layer.h.
class Loss {
 public:
  // What Forward keeps for the backward rules: a struct of the loss's own.
  using Record = std::any;

  virtual ~Loss() = default;

  // [T]. Fills `record`.
  virtual torch::Tensor Forward(const torch::Tensor& outputs, const torch::Tensor& targets,
                                Record& record) const = 0;
  // The gradient of each task's loss with respect to its outputs, [T, N, K].
  virtual torch::Tensor Backward(const Record& record) const = 0;
  // The tangent of that gradient where the outputs have tangent `output_tangent`, [T, N, K].
  virtual torch::Tensor TangentBackward(const torch::Tensor& output_tangent,
                                        const Record& record) const = 0;

  // "accuracy", "mse" or "log_likelihood", and each task's score by it, [T].
  virtual std::string metric() const = 0;
  virtual torch::Tensor Score(const torch::Tensor& outputs, const torch::Tensor& targets) const = 0;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_LOSS_H_
