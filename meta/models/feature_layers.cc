#include "meta/models/feature_layers.h"

#include <utility>

#include "meta/models/layered_encoder.h"
#include "meta/models/layered_learner.h"
#include "meta/ops/linear.h"

namespace outerloop::meta {

std::unique_ptr<const Learner> MakeLearner(FeatureLayers network, int64_t outputs,
                                           std::shared_ptr<const Loss> loss) {
  network.layers.push_back(
      {"linear", MakeLinear({.inputs = network.features,
                             .outputs = outputs,
                             .initial_weight = GlorotUniform(network.features, outputs)})});
  return std::make_unique<LayeredLearner>(std::move(network.layers), std::move(loss));
}

std::unique_ptr<const Encoder> MakeEncoder(FeatureLayers network) {
  return std::make_unique<LayeredEncoder>(std::move(network.layers), network.features);
}

}  // namespace outerloop::meta
