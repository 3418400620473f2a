// The largest of each 2x2 window.
#ifndef OUTERLOOP_META_OPS_MAX_POOL_H_
#define OUTERLOOP_META_OPS_MAX_POOL_H_

#include <cstdint>
#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

// Inputs [T, N, C, H, W], at least 2 x 2 pixels; outputs [T, N, C, H', W'] with H' = floor(H / 2),
// W' alike: windows lie side by side, and a last odd row or column belongs to none. All derivatives
// go through the window's largest value, the first in reading order of equals. No parameters.
std::unique_ptr<const Layer> MakeMaxPool();

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_MAX_POOL_H_
