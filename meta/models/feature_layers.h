// A network without its last layer, of which learners and encoders are made.
#ifndef OUTERLOOP_META_MODELS_FEATURE_LAYERS_H_
#define OUTERLOOP_META_MODELS_FEATURE_LAYERS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "meta/models/encoder.h"
#include "meta/models/learner.h"
#include "meta/ops/loss.h"
#include "meta/ops/sequence.h"

namespace outerloop::meta {

struct FeatureLayers {
  std::vector<NamedLayer> layers;  // None is named "linear".
  int64_t features = 0;            // The last one's outputs are [T, N, features].
};

// The layers, then the layer "linear" to `outputs` numbers, Glorot-uniform at first.
std::unique_ptr<const Learner> MakeLearner(FeatureLayers network, int64_t outputs,
                                           std::shared_ptr<const Loss> loss);
// The layers alone, of which one has parameters.
std::unique_ptr<const Encoder> MakeEncoder(FeatureLayers network);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_FEATURE_LAYERS_H_
