#include "meta/algorithms/meta_sgd.h"

#include <utility>

#include "meta/algorithms/maml.h"

namespace outerloop::meta {

std::unique_ptr<const Algorithm> MakeMetaSgd(const MetaSgdOptions& options,
                                             std::shared_ptr<const Learner> learner) {
  return MakeMaml({.inner_steps = options.inner_steps,
                   .inner_rate = options.initial_rate,
                   .rates = InnerRateKind::kPerParameter},
                  std::move(learner));
}

std::unique_ptr<const Algorithm> MakeMetaSgd(const v1::MetaSgd& options,
                                             const ModelFactory& models) {
  return MakeMetaSgd({.inner_steps = static_cast<int>(options.inner_steps()),
                      .initial_rate = options.initial_rate()},
                     models.MakeLearner());
}

}  // namespace outerloop::meta
