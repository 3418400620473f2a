// Prototypical Networks (Snell, Swersky & Zemel 2017, arXiv 1703.05175).
#ifndef OUTERLOOP_META_ALGORITHMS_PROTOTYPICAL_H_
#define OUTERLOOP_META_ALGORITHMS_PROTOTYPICAL_H_

#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/algorithms/metric_learning.h"
#include "meta/models/encoder.h"
#include "meta/models/model_factory.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

// Metric learning (metric_learning.h) that compares with prototypes. With f the encoder and S_k the
// support examples of class k,
//   c_k = mean of f(x) over S_k                    (equation 1)
//   p(y = k | x) ~ exp(-|f(x) - c_k|^2)            (equation 2, squared Euclidean distance).
std::unique_ptr<const Algorithm> MakePrototypical(EpisodeStatistics statistics,
                                                  std::shared_ptr<const Encoder> encoder);
std::unique_ptr<const Algorithm> MakePrototypical(const v1::Prototypical& options,
                                                  const ModelFactory& models);

// The comparison alone.
std::unique_ptr<const Comparison> MakePrototypeComparison();

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_PROTOTYPICAL_H_
