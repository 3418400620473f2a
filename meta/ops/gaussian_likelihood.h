// Regression that says how sure it is.
#ifndef OUTERLOOP_META_OPS_GAUSSIAN_LIKELIHOOD_H_
#define OUTERLOOP_META_OPS_GAUSSIAN_LIKELIHOOD_H_

#include <memory>

#include "meta/ops/loss.h"

namespace outerloop::meta {

// Minus the log of the density N(y; mu, sigma^2) of the targets, in nats, summed over the K values
// of an example. Targets are [T, N, K] and outputs [T, N, 2 K]: mu, then s with
//   sigma = 0.1 + 0.9 softplus(s),
// which keeps densities finite (Garnelo et al. 2018, arXiv 1807.01613, in their published code).
// The score is minus the loss.
std::unique_ptr<const Loss> MakeGaussianLikelihood();

// sigma, of s.
torch::Tensor GaussianDeviation(const torch::Tensor& s);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_GAUSSIAN_LIKELIHOOD_H_
