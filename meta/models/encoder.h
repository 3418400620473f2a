// A network whose outputs are features that an algorithm judges itself.
#ifndef OUTERLOOP_META_MODELS_ENCODER_H_
#define OUTERLOOP_META_MODELS_ENCODER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "meta/initial_parameters.h"
#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// As Learner is, without a loss: T tasks are computed together and none changes another's result;
// `parameters` is [T, P], and may be an expanded view of one row. Gradients come from the layers'
// rules; no autograd graph is ever built. Immutable; pure; thread-safe.
class Encoder {
 public:
  // What a back end keeps of one Encode.
  class Record {
   public:
    virtual ~Record() = default;
  };

  struct Encoding {
    torch::Tensor features;  // [T, N, features()]
    std::unique_ptr<Record> record;
  };

  struct Gradients {
    torch::Tensor parameters;  // [T, P]
    torch::Tensor inputs;      // As the inputs. Undefined if not wanted.
  };

  virtual ~Encoder() = default;

  virtual const ParameterLayout& layout() const = 0;
  // Where each parameter of the layout starts from.
  virtual const std::map<std::string, InitialRange>& initial_ranges() const = 0;
  // Numbers that an input [T, N, ...] is turned into.
  virtual int64_t features() const = 0;

  // Normalisation takes its statistics from the task's own `inputs`.
  virtual Encoding Encode(const torch::Tensor& parameters, const torch::Tensor& inputs) const = 0;
  // Given the gradient of each task's loss with respect to its features, [T, N, features()].
  virtual Gradients Backward(const torch::Tensor& feature_gradient, bool wants_inputs,
                             Record& record) const = 0;

  // Features of `inputs` with the statistics of the batch that `record` was taken of, under the
  // same parameters: every input is encoded alone.
  virtual torch::Tensor EncodeWithStatisticsOf(const Record& record,
                                               const torch::Tensor& parameters,
                                               const torch::Tensor& inputs) const = 0;
  // Whether Encode's features of one input depend on the others.
  virtual bool has_batch_statistics() const = 0;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_ENCODER_H_
