// Where training starts from.
#ifndef OUTERLOOP_META_INITIAL_PARAMETERS_H_
#define OUTERLOOP_META_INITIAL_PARAMETERS_H_

#include <cstdint>
#include <map>
#include <string>

#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// A parameter tensor starts uniform over [low, high); the constant `low` where both are equal.
// Uniform, not normal, so that no function of the mathematics library takes part and every machine
// draws the same bits.
struct InitialRange {
  double low = 0;
  double high = 0;
};

// +-sqrt(6 / fan_in): keeps the variance of activations through a ReLU (He, Zhang, Ren & Sun 2015,
// "Delving deep into rectifiers", equation 10).
InitialRange HeUniform(int64_t fan_in);
// +-sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, "Understanding the difficulty of training
// deep feedforward neural networks", equation 16).
InitialRange GlorotUniform(int64_t fan_in, int64_t fan_out);

// [P] float32 on the CPU, a function of its arguments alone. `ranges` has every name of `layout`.
// Each tensor is drawn in row-major order, in double, from a stream of its own whose step is the
// tensor's place in the layout.
torch::Tensor DrawInitialParameters(const ParameterLayout& layout,
                                    const std::map<std::string, InitialRange>& ranges,
                                    uint64_t seed);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_INITIAL_PARAMETERS_H_
