// The rectifier max(x, 0) and its leaky form (Maas, Hannun & Ng 2013, "Rectifier nonlinearities
// improve neural network acoustic models", equation 2).
#ifndef OUTERLOOP_META_OPS_RELU_H_
#define OUTERLOOP_META_OPS_RELU_H_

#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

// x where x > 0, and negative_slope * x elsewhere, also for the derivative at 0. Inputs of any
// shape. 0 <= negative_slope < 1.
std::unique_ptr<const Layer> MakeRelu(double negative_slope = 0);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_RELU_H_
