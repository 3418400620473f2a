// Images to feature vectors.
#ifndef OUTERLOOP_META_OPS_FLATTEN_H_
#define OUTERLOOP_META_OPS_FLATTEN_H_

#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

// [T, N, C, H, W] to [T, N, C * H * W], features in the order C, H, W.
std::unique_ptr<const Layer> MakeFlatten();

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_FLATTEN_H_
