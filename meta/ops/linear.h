// The affine map y = W x + b of feature vectors.
#ifndef OUTERLOOP_META_OPS_LINEAR_H_
#define OUTERLOOP_META_OPS_LINEAR_H_

#include <cstdint>
#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

struct LinearOptions {
  int64_t inputs = 1;
  int64_t outputs = 1;
  bool bias = true;
  InitialRange initial_weight = {};  // The bias starts at 0.
};

// [T, N, inputs] to [T, N, outputs]. Parameters: "weight" [outputs, inputs], and "bias" [outputs]
// where it is wanted.
std::unique_ptr<const Layer> MakeLinear(const LinearOptions& options);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_LINEAR_H_
