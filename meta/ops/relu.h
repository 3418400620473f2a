// The rectifier max(x, 0), with derivative 0 at 0.
#ifndef OUTERLOOP_META_OPS_RELU_H_
#define OUTERLOOP_META_OPS_RELU_H_

#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

// Inputs of any shape.
std::unique_ptr<const Layer> MakeRelu();

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_RELU_H_
