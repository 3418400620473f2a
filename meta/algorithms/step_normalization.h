// Scales and shifts of normalisation that every inner step has of its own (Antoniou, Edwards &
// Storkey 2019, arXiv 1810.09502, section 4, "per-step batch normalization weights and biases").
#ifndef OUTERLOOP_META_ALGORITHMS_STEP_NORMALIZATION_H_
#define OUTERLOOP_META_ALGORITHMS_STEP_NORMALIZATION_H_

#include <string>
#include <vector>

#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// theta_k, the parameters after k inner steps, has set k of scales and shifts. Set 0 is the model's
// own; sets 1 to K, for K steps of training, are learned beside it and are the same for all tasks:
// no inner step adapts them. Steps beyond K leave set K in its place. Immutable and pure.
//
// The paper's published code has sets 0 to K - 1, and predicts queries after step k with the set
// that the step's support loss was taken with.
class StepNormalization {
 public:
  // `names` are those of scales and shifts in `model`; without any, nothing changes.
  StepNormalization(ParameterLayout model, const std::vector<std::string>& names, int steps);

  // Of sets 1 to K, [L] in all: [K, size of the tensor] by the names in the model.
  const ParameterLayout& layout() const { return layout_; }
  // All sets start from the model's own, given the initial `model` [P]: [L].
  torch::Tensor Initial(const torch::Tensor& model) const;

  // Puts set `step` of `learned` [L] into `parameters` [T, P]. Does nothing for step 0.
  void Put(int step, const torch::Tensor& learned, torch::Tensor& parameters) const;
  // The chain rule: moves what `gradient` [T, P], with respect to theta_`step`, has for set `step`
  // to `sum` [L], summed over the tasks. Does nothing for step 0, whose set is the model's.
  void TakeGradient(int step, torch::Tensor& gradient, torch::Tensor& sum) const;

 private:
  // Calls body(the tensor's part of `flat` [.., P], its part of set `step` in `sets` [L]).
  template <typename Body>
  void ForEachTensor(int step, const torch::Tensor& flat, const torch::Tensor& sets,
                     const Body& body) const;

  const int steps_;
  const ParameterLayout model_;
  const ParameterLayout layout_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_STEP_NORMALIZATION_H_
