// The part of a normalisation that is learned.
#ifndef OUTERLOOP_META_OPS_SCALE_SHIFT_H_
#define OUTERLOOP_META_OPS_SCALE_SHIFT_H_

#include <cstdint>
#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

// Images [T, N, channels, H, W]: each channel is multiplied by the parameter "scale" [channels], 1
// at first, and moved by "shift" [channels], 0 at first.
std::unique_ptr<const Layer> MakeScaleShift(int64_t channels);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_SCALE_SHIFT_H_
