// Full context embeddings of Matching Networks (Vinyals et al. 2016, arXiv 1606.04080, section
// 2.1.2): how an example is embedded depends on the whole support set.
#ifndef OUTERLOOP_META_ALGORITHMS_FULL_CONTEXT_H_
#define OUTERLOOP_META_ALGORITHMS_FULL_CONTEXT_H_

#include <cstdint>
#include <map>
#include <string>

#include "meta/algorithms/lstm.h"
#include "meta/initial_parameters.h"
#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// Plain operations for autograd, over T tasks that share `parameters`, a buffer of the layout. The
// equations are in matching.h. Immutable.
class FullContext {
 public:
  // Of features of that size, and as large.
  explicit FullContext(int64_t features);

  const ParameterLayout& layout() const { return layout_; }
  std::map<std::string, InitialRange> initial_ranges() const;

  // g of the features g' of support sets, [T, S, F].
  torch::Tensor EmbedSupport(const torch::Tensor& parameters, const torch::Tensor& support) const;
  // f of the features f' of queries [T, Q, F], given g of their support sets. Each query by itself.
  torch::Tensor EmbedQueries(const torch::Tensor& parameters, const torch::Tensor& queries,
                             const torch::Tensor& support, int steps) const;

 private:
  // The outputs for every example, [T, S, F], from the first to the last or the other way round.
  torch::Tensor Outputs(const Lstm& lstm, const torch::Tensor& parameters,
                        const torch::Tensor& sequence, bool backward) const;

  // The paper's LSTM takes [h, r] as its recurrent input; that is the same as taking [f', r] as its
  // input, since all of them are mapped linearly and added.
  const Lstm query_;
  const Lstm support_backward_;
  const Lstm support_forward_;
  const ParameterLayout layout_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_FULL_CONTEXT_H_
