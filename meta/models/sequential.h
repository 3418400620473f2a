// The network that a job lists layer by layer.
#ifndef OUTERLOOP_META_MODELS_SEQUENTIAL_H_
#define OUTERLOOP_META_MODELS_SEQUENTIAL_H_

#include "common/example_shape.h"
#include "meta/models/feature_layers.h"
#include "meta/models/normalization.h"
#include "outerloop/v1/model.pb.h"

namespace outerloop::meta {

// The layers of `network`, which is complete, for examples of shape `inputs`, and a last one that
// flattens. The parameter "weight" of the fourth is "layers.3.weight"; those of a residual layer
// there are "layers.3.layers.0.weight" and "layers.3.shortcut.0.weight". Linear layers start
// He-uniform. Throws c10::ValueError if a layer does not take what comes to it.
FeatureLayers MakeSequential(const v1::Sequential& network, const ExampleShape& inputs);

Normalization NormalizationOf(const v1::Normalization& normalization);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_SEQUENTIAL_H_
