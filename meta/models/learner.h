// A network with its loss, as algorithms see it: losses, gradients and Hessian-vector products of
// many tasks at once.
#ifndef OUTERLOOP_META_MODELS_LEARNER_H_
#define OUTERLOOP_META_MODELS_LEARNER_H_

#include <memory>
#include <string>
#include <vector>

#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// The seam between algorithms, which compose steps, and back ends, which compute them. T tasks are
// computed together; none ever changes another's result. Every task may have its own parameters:
// `parameters` is [T, P], and may be an expanded view of one row. Losses are means over a task's
// examples. Immutable; pure; thread-safe.
class Learner {
 public:
  // What a back end keeps of one Differentiate for what may follow it.
  class Record {
   public:
    virtual ~Record() = default;
  };

  struct Derivative {
    torch::Tensor outputs;   // [T, N, outputs]: logits or predictions.
    torch::Tensor loss;      // [T]
    torch::Tensor gradient;  // [T, P]
    std::unique_ptr<Record> record;
  };

  virtual ~Learner() = default;

  virtual const ParameterLayout& layout() const = 0;
  // [P] float32 on the CPU, a function of `seed` alone.
  virtual torch::Tensor InitialParameters(uint64_t seed) const = 0;
  // Those entries of the layout that are scales and shifts of normalised values.
  virtual std::vector<std::string> normalization_parameters() const = 0;

  // Forward and backward. Normalisation takes its statistics from the task's own `inputs`.
  virtual Derivative Differentiate(const torch::Tensor& parameters, const torch::Tensor& inputs,
                                   const torch::Tensor& targets) const = 0;

  // H v, [T, P]: the Hessian of each task's loss, where `record` was taken, times its row of
  // `direction` [T, P]. Exact: tangent forward, tangent backward.
  virtual torch::Tensor HessianVectorProduct(const Record& record,
                                             const torch::Tensor& direction) const = 0;

  // Outputs alone, with the inputs' own statistics.
  virtual torch::Tensor Predict(const torch::Tensor& parameters,
                                const torch::Tensor& inputs) const = 0;
  // Outputs with the statistics of `support_inputs` under the same parameters: every input is
  // predicted alone.
  virtual torch::Tensor PredictInductively(const torch::Tensor& parameters,
                                           const torch::Tensor& support_inputs,
                                           const torch::Tensor& inputs) const = 0;
  // Whether Predict's outputs for one input depend on the others.
  virtual bool has_batch_statistics() const = 0;

  // "accuracy", "mse" or "log_likelihood", and a task's score by it: [T] of `outputs` against
  // `targets`.
  virtual std::string metric() const = 0;
  virtual torch::Tensor Score(const torch::Tensor& outputs, const torch::Tensor& targets) const = 0;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_LEARNER_H_
