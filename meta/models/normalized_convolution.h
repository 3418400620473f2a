// What networks of images are built of: a convolution and the normalisation of its outputs.
#ifndef OUTERLOOP_META_MODELS_NORMALIZED_CONVOLUTION_H_
#define OUTERLOOP_META_MODELS_NORMALIZED_CONVOLUTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "meta/models/normalization.h"
#include "meta/ops/conv2d.h"
#include "meta/ops/sequence.h"

namespace outerloop::meta {

// Null for kNone.
std::unique_ptr<const Layer> MakeNormalization(const Normalization& normalization,
                                               int64_t channels);

// Appends the layers "conv`suffix`" and "norm`suffix`"; without normalisation the first alone, with
// a bias.
void AppendNormalizedConvolution(const std::string& suffix, Conv2dOptions convolution,
                                 const Normalization& normalization,
                                 std::vector<NamedLayer>& layers);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_NORMALIZED_CONVOLUTION_H_
