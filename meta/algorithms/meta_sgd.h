// Meta-SGD (Li, Zhou, Chen & Li 2017, "Meta-SGD: learning to learn quickly for few-shot learning",
// arXiv 1707.09835).
#ifndef OUTERLOOP_META_ALGORITHMS_META_SGD_H_
#define OUTERLOOP_META_ALGORITHMS_META_SGD_H_

#include <memory>

#include "meta/algorithms/algorithm.h"
#include "meta/models/learner.h"
#include "meta/models/model_factory.h"
#include "outerloop/v1/algorithm.pb.h"

namespace outerloop::meta {

struct MetaSgdOptions {
  int inner_steps = 1;         // >= 0. The paper takes one.
  double initial_rate = 0.05;  // Of every parameter. The paper draws it from [0.005, 0.1].
};

// Algorithm 1 of the paper: MAML whose inner rates are learned, one for each parameter,
//   theta' = theta - alpha * grad L(theta)            (* by elements; equation 2),
// and the meta-gradient is exact in both theta ("model." of the layout) and alpha ("rate."): for
// one step (I - H alpha) g and -grad L(theta) * g, where g = grad L_query(theta'). Rates may become
// negative. Further steps take the same rates.
std::unique_ptr<const Algorithm> MakeMetaSgd(const MetaSgdOptions& options,
                                             std::shared_ptr<const Learner> learner);
std::unique_ptr<const Algorithm> MakeMetaSgd(const v1::MetaSgd& options,
                                             const ModelFactory& models);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_META_SGD_H_
