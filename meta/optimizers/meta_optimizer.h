// The outer loop's update of the meta-parameters.
#ifndef OUTERLOOP_META_OPTIMIZERS_META_OPTIMIZER_H_
#define OUTERLOOP_META_OPTIMIZERS_META_OPTIMIZER_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace outerloop::meta {

// Float buffers that an optimizer keeps from step to step, each as long as the parameters, by name
// (Adam: "m", "v"). With the step's number it is all the state there is.
using OptimizerState = std::map<std::string, std::vector<float>>;

// Immutable. Update is elementwise in a fixed order of operations, on the host, so the same bits go
// in and out on every machine with IEEE 754 arithmetic.
class MetaOptimizer {
 public:
  virtual ~MetaOptimizer() = default;

  // Zeros for `size` parameters.
  virtual OptimizerState InitialState(size_t size) const = 0;

  // The update of step `step`, counted from 1. `gradient` is the mean over the meta-batch.
  virtual void Update(uint64_t step, std::span<const float> gradient, std::span<float> parameters,
                      OptimizerState& state) const = 0;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPTIMIZERS_META_OPTIMIZER_H_
