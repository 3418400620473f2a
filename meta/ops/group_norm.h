// Normalisation of every image by itself (Wu & He 2018, arXiv 1803.08494, "Group normalization",
// section 3).
#ifndef OUTERLOOP_META_OPS_GROUP_NORM_H_
#define OUTERLOOP_META_OPS_GROUP_NORM_H_

#include <cstdint>
#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

struct GroupNormOptions {
  int64_t channels = 1;
  int64_t groups = 1;     // Of neighbouring channels; divides `channels`.
  double epsilon = 1e-5;  // Added to the variance. > 0.
};

// Images [T, N, channels, H, W]. Each group of channels of each image is normalised by its own mean
// and biased variance over (channels / groups, H, W); then each channel is multiplied by the
// parameter "scale" [channels], 1 at first, and moved by "shift" [channels], 0 at first. No image's
// outputs depend on another image.
std::unique_ptr<const Layer> MakeGroupNorm(const GroupNormOptions& options);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_GROUP_NORM_H_
