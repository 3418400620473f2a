// Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000),
// by plain LibTorch operations that autograd differentiates.
#ifndef OUTERLOOP_META_ALGORITHMS_LSTM_H_
#define OUTERLOOP_META_ALGORITHMS_LSTM_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "meta/initial_parameters.h"
#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

struct LstmState {
  torch::Tensor output;  // h, [N, units]
  torch::Tensor cell;    // c, [N, units]
};

// One step is, with gates i, f, g, o in this order along the rows of the weights,
//   (i, f, g, o) = W x + U h + b
//   c <- sigmoid(f) c + sigmoid(i) tanh(g),   h <- sigmoid(o) tanh(c).
// Immutable.
class Lstm {
 public:
  // Its parameters are `name`.bias, .input_weight (W) and .recurrent_weight (U).
  Lstm(std::string name, int64_t inputs, int64_t units);

  std::map<std::string, std::vector<int64_t>> shapes() const;
  // Glorot-uniform for each gate; biases 0.
  std::map<std::string, InitialRange> initial_ranges() const;

  // Zeros for N sequences, like the type of `parameters`.
  LstmState Start(const torch::Tensor& parameters, int64_t sequences) const;
  // `parameters` is a buffer of `layout`, which has the names above; inputs are [N, inputs].
  LstmState Step(const ParameterLayout& layout, const torch::Tensor& parameters,
                 const torch::Tensor& inputs, const LstmState& state) const;

 private:
  const std::string name_;
  const int64_t inputs_;
  const int64_t units_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_LSTM_H_
