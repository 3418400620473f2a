// Normalisation by batch statistics (Ioffe & Szegedy 2015, "Batch normalization", algorithm 1).
#ifndef OUTERLOOP_META_OPS_BATCH_NORM_H_
#define OUTERLOOP_META_OPS_BATCH_NORM_H_

#include <cstdint>
#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

struct BatchNormOptions {
  int64_t channels = 1;
  double epsilon = 1e-5;  // Added to the variance. > 0.
};

// Images [T, N, channels, H, W]. Each channel of each task is normalised by its own mean and biased
// variance over (N, H, W), then multiplied by the parameter "scale" [channels], 1 at first, and
// moved by "shift" [channels], 0 at first. There are no running statistics.
std::unique_ptr<const Layer> MakeBatchNorm(const BatchNormOptions& options);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_BATCH_NORM_H_
