// How queries are classified by comparing their features with those of a support set.
#ifndef OUTERLOOP_META_ALGORITHMS_COMPARISON_H_
#define OUTERLOOP_META_ALGORITHMS_COMPARISON_H_

#include <cstdint>
#include <map>
#include <string>

#include "meta/initial_parameters.h"
#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta {

// The features of T episodes, each of S support examples and Q queries.
struct EpisodeFeatures {
  torch::Tensor support;         // [T, S, F]
  torch::Tensor support_labels;  // int64 [T, S] in [0, ways); every class is in every support set.
  torch::Tensor queries;         // [T, Q, F]
  int64_t ways = 0;
};

// Plain LibTorch operations, small beside the network's, through which the caller lets autograd
// take the gradient with respect to `parameters`, `support` and `queries`. A query is classified
// without the other queries, and a task without the other tasks. Immutable; pure; thread-safe.
class Comparison {
 public:
  virtual ~Comparison() = default;

  // Of its own parameters, beside the encoder's. May be empty.
  virtual const ParameterLayout& layout() const = 0;
  virtual const std::map<std::string, InitialRange>& initial_ranges() const = 0;

  // [T, Q, ways], whose softmax is the probability of each class. `parameters` is one buffer of the
  // layout for all tasks.
  virtual torch::Tensor Logits(const torch::Tensor& parameters,
                               const EpisodeFeatures& features) const = 0;
};

// 1 where an example is of a class, [T, S, ways], in the type of the features.
inline torch::Tensor Membership(const EpisodeFeatures& features) {
  return torch::one_hot(features.support_labels, features.ways).to(features.support.scalar_type());
}

// |a - b|^2 of every row of `a` [T, N, F] and every row of `b` [T, M, F]: [T, N, M].
inline torch::Tensor SquaredDistances(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor product = torch::bmm(a, b.transpose(1, 2));
  return a.square().sum(-1).unsqueeze(2) + b.square().sum(-1).unsqueeze(1) - 2 * product;
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_COMPARISON_H_
