// Conditional neural processes (Garnelo et al. 2018, arXiv 1807.01613).
#ifndef OUTERLOOP_META_ALGORITHMS_CNP_H_
#define OUTERLOOP_META_ALGORITHMS_CNP_H_

#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/models/encoder.h"
#include "meta/models/model_factory.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

// Regression without an inner loop. With (x_i, y_i) the support set and (x, y) a query,
//   r_i = h(x_i, y_i)                                    (equation 1)
//   r   = mean of r_i                                    (equation 2, with the mean as aggregation)
//   mu, s = g(x, r),  sigma = 0.1 + 0.9 softplus(s)      (equation 3)
// and the loss is the mean over queries of -log N(y; mu, sigma^2) (equation 4), as
// gaussian_likelihood.h has it. The networks' gradients are taken by their rules. Parameters of the
// layout are "decoder..." (g) and "encoder..." (h).
//
// There is one score, after 0 inner steps: "log_likelihood", the mean over queries. A query's
// prediction depends on no other query, so it is inductive.
//
// `encoder` takes points [T, N, X + Y]; `decoder` takes [T, N, X + encoder->features()] and gives 2
// Y numbers: mu, then s. Neither has batch statistics.
std::unique_ptr<const Algorithm> MakeCnp(std::shared_ptr<const Encoder> encoder,
                                         std::shared_ptr<const Encoder> decoder);
std::unique_ptr<const Algorithm> MakeCnp(const v1::Cnp& options, const ModelFactory& models);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_CNP_H_
