// How networks of images are normalised.
#ifndef OUTERLOOP_META_MODELS_NORMALIZATION_H_
#define OUTERLOOP_META_MODELS_NORMALIZATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "meta/ops/conv2d.h"
#include "meta/ops/sequence.h"

namespace outerloop::meta {

struct Normalization {
  enum class Kind {
    kBatch,  // By the statistics of the task's own batch (batch_norm.h).
    kGroup,  // Every image by itself (group_norm.h): predictions do not see each other.
    kNone,
  };

  Kind kind = Kind::kBatch;
  int64_t groups = 1;  // Of channels, for kGroup. Divides them.
};

// Null for kNone.
std::unique_ptr<const Layer> MakeNormalization(const Normalization& normalization,
                                               int64_t channels);

// Appends the layers "conv`suffix`" and "norm`suffix`"; without normalisation the first alone, with
// a bias.
void AppendNormalizedConvolution(const std::string& suffix, Conv2dOptions convolution,
                                 const Normalization& normalization,
                                 std::vector<NamedLayer>& layers);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_NORMALIZATION_H_
