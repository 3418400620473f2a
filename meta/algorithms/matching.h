// Matching Networks (Vinyals, Blundell, Lillicrap, Kavukcuoglu & Wierstra 2016, arXiv 1606.04080).
#ifndef OUTERLOOP_META_ALGORITHMS_MATCHING_H_
#define OUTERLOOP_META_ALGORITHMS_MATCHING_H_

#include <cstdint>
#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/algorithms/metric_learning.h"
#include "meta/models/encoder.h"
#include "meta/models/model_factory.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

struct MatchingOptions {
  enum class Similarity {
    kCosine,     // Of the angle between two embeddings: the paper's.
    kEuclidean,  // Minus the squared distance.
  };

  Similarity similarity = Similarity::kCosine;
  // What similarities are multiplied by before the softmax. > 0. 1 in the paper. Cosines of
  // features that are not negative lie between 0 and 1, so that no query is ever attended to by a
  // factor of more than e; Gidaris & Komodakis 2018 (arXiv 1804.09458), section 3.2, begin with 10.
  double scale = 1;
  // K of full context embeddings (sections 2.1.2, A.1 and A.2); 0: embeddings are features. >= 0.
  int context_steps = 0;
};

// Metric learning (metric_learning.h) that compares with every support example. With c the
// similarity of the embeddings of query x and support example x_i,
//   a(x, x_i) = softmax over i of scale c(f(x), g(x_i))  (section 2.1.1)
//   p(y = k | x) = sum of a(x, x_i) over y_i = k         (equation 1).
//
// With full context embeddings, f' = g' the encoder,
//   g(x_i) = forward h_i + backward h_i + g'(x_i), two LSTMs over the support set in its order,
//   f(x) = h_K, where r_k = sum of softmax(h_k . g(x_i)) g(x_i),
//     h^_k, c_k = LSTM(f'(x), [h_{k-1}, r_{k-1}], c_{k-1}), h_k = h^_k + f'(x), h_0 = r_0 = c_0 = 0
// (equations 3 to 6; the paper leaves the start open).
std::unique_ptr<const Algorithm> MakeMatching(const MatchingOptions& options,
                                              EpisodeStatistics statistics,
                                              std::shared_ptr<const Encoder> encoder);
std::unique_ptr<const Algorithm> MakeMatching(const v1::Matching& options,
                                              const ModelFactory& models);

// The comparison alone, of features of that size. Parameters with full context embeddings: the
// weights of three LSTMs (lstm.h), "query", "support_backward" and "support_forward".
std::unique_ptr<const Comparison> MakeMatchingComparison(const MatchingOptions& options,
                                                         int64_t features);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_MATCHING_H_
