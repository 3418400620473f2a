// Reptile (Nichol, Achiam & Schulman 2018, "On first-order meta-learning algorithms", arXiv
// 1803.02999).
#ifndef OUTERLOOP_META_ALGORITHMS_REPTILE_H_
#define OUTERLOOP_META_ALGORITHMS_REPTILE_H_

#include <cstdint>
#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/models/learner.h"
#include "meta/models/model_factory.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

enum class InnerOptimizer {
  kSgd,
  kAdam,  // Without first moments: inner_adam.h.
};

struct ReptileOptions {
  int inner_steps = 5;        // >= 1.
  double inner_rate = 0.001;  // > 0.
  InnerOptimizer optimizer = InnerOptimizer::kAdam;
  int64_t inner_batch = 0;    // Support examples of an inner step. 0, or more than there are: all.
  bool keep_moments = false;  // With Adam: its memory is learned as well.
};

// Algorithm 2 of the paper, the batched version. With phi the parameters that the inner loop makes
// of theta on a task's support set, a task's "gradient" is theta - phi, so that gradient descent of
// rate epsilon moves theta by epsilon times the mean of phi - theta. With one step of SGD it is the
// plain gradient of the support loss times the inner rate. Loss and accuracy are those of the
// queries, which nothing is learned from.
//
// The paper's code keeps Adam's memory from task to task, so that a step is measured against the
// gradients of many tasks, and one that is solved already hardly moves anything. With
// `keep_moments` the memory is a part of theta: tasks start from it, and theta's comes to what they
// make of it in the mean, as the model does. There are 2 P + 1 parameters then, and plain gradient
// descent of a rate of at most 1 is what keeps them meaningful. Without, every task starts anew.
//
// Mini-batches are not drawn, as they are in the paper's code: they go through the support set in
// turns, over its end to its beginning, in an order in which every batch has its share of each
// class (every n-th example of the set, which is in the order of classes).
std::unique_ptr<const Algorithm> MakeReptile(const ReptileOptions& options,
                                             std::shared_ptr<const Learner> learner);
std::unique_ptr<const Algorithm> MakeReptile(const v1::Reptile& options,
                                             const ModelFactory& models);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_REPTILE_H_
