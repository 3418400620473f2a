// How far the steps of an inner loop go: step k moves parameter i by -rate_ki times its gradient.
#ifndef OUTERLOOP_META_ALGORITHMS_INNER_RATES_H_
#define OUTERLOOP_META_ALGORITHMS_INNER_RATES_H_

#include <memory>

#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

enum class InnerRateKind {
  kFixed,             // One number for all, which is not learned.
  kPerTensorAndStep,  // Learned: a number for each of the model's tensors in each step; without
                      // steps none. Steps beyond those of training take the last one's. (Antoniou,
                      // Edwards & Storkey 2019, arXiv 1810.09502, section 4: "per-layer per-step
                      // learning rates".)
  kPerParameter,      // Learned: a number for each parameter, the same in every step (Meta-SGD).
};

// Immutable and pure. P is the size of the model, L that of layout(): `learned` is [L].
class InnerRates {
 public:
  virtual ~InnerRates() = default;

  // Of what is learned, named after the model's tensors. Without entries if nothing is.
  virtual const ParameterLayout& layout() const = 0;
  // [L] float32 on the CPU.
  virtual torch::Tensor Initial() const = 0;

  // The rates of step `step`, counted from 0: [P], or a scalar for all.
  virtual torch::Tensor At(int step, const torch::Tensor& learned) const = 0;
  // The chain rule: adds to `sum` [L] what the gradient with respect to At(step), [P], gives for
  // what is learned.
  virtual void AddGradient(int step, const torch::Tensor& gradient, torch::Tensor& sum) const = 0;
};

// All start from `rate`. `steps` are those of training, `model` is the layout of what moves.
std::unique_ptr<const InnerRates> MakeInnerRates(InnerRateKind kind, double rate, int steps,
                                                 const ParameterLayout& model);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_INNER_RATES_H_
