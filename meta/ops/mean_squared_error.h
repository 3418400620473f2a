// Regression.
#ifndef OUTERLOOP_META_OPS_MEAN_SQUARED_ERROR_H_
#define OUTERLOOP_META_OPS_MEAN_SQUARED_ERROR_H_

#include <memory>

#include "meta/ops/loss.h"

namespace outerloop::meta {

// The mean of (output - target)^2 over a task's N examples and K outputs, without a factor 1/2.
// Targets are [T, N, K] of the outputs' type. The score is the loss.
std::unique_ptr<const Loss> MakeMeanSquaredError();

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_MEAN_SQUARED_ERROR_H_
