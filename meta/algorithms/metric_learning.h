// Classification without an inner loop: an encoder is trained so that comparing features classifies
// (Vinyals et al. 2016, arXiv 1606.04080, section 2.2, "training strategy"). What Prototypical and
// Matching Networks share.
#ifndef OUTERLOOP_META_ALGORITHMS_METRIC_LEARNING_H_
#define OUTERLOOP_META_ALGORITHMS_METRIC_LEARNING_H_

#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/algorithms/comparison.h"
#include "meta/models/encoder.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

// Where batch statistics come from in training, and where queries are predicted transductively.
enum class EpisodeStatistics {
  kJoint,     // Support set and queries are encoded as one batch.
  kSeparate,  // Each is a batch of its own.
};
EpisodeStatistics StatisticsOf(v1::EpisodeStatistics statistics);

// With an encoder f and a comparison c, the loss of a task is the mean cross-entropy of
//   c(f(support), f(queries))
// over its queries. The gradient with respect to the features and the comparison's own parameters
// is taken by autograd, that of the encoder by its rules. Parameters of the layout are
// "comparison..." and "encoder...".
//
// No parameter depends on the number of classes: it is read from each shard's support set. There is
// one score for each mode, after 0 inner steps. Inductively, queries are encoded with the
// statistics of the support set.
std::unique_ptr<const Algorithm> MakeMetricLearning(std::shared_ptr<const Encoder> encoder,
                                                    std::unique_ptr<const Comparison> comparison,
                                                    EpisodeStatistics statistics);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_METRIC_LEARNING_H_
