// Images to the means of their channels.
#ifndef OUTERLOOP_META_OPS_GLOBAL_AVERAGE_POOL_H_
#define OUTERLOOP_META_OPS_GLOBAL_AVERAGE_POOL_H_

#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

// [T, N, C, H, W] to [T, N, C], the mean over each channel's pixels. No parameters.
std::unique_ptr<const Layer> MakeGlobalAveragePool();

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_GLOBAL_AVERAGE_POOL_H_
