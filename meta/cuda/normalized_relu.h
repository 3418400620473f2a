// Batch normalisation, ReLU and perhaps a maximum as one layer.
#ifndef OUTERLOOP_META_CUDA_NORMALIZED_RELU_H_
#define OUTERLOOP_META_CUDA_NORMALIZED_RELU_H_

#include <cstdint>
#include <memory>

#include "meta/cuda/block.h"
#include "meta/ops/layer.h"

namespace outerloop::meta::cuda {

struct NormalizedReluOptions {
  int64_t channels = 1;
  double epsilon = 1e-5;  // Added to the variance. > 0.
  bool pools = false;     // Whether the largest of each 2x2 window is taken, as max_pool.h does.
};

// What batch_norm.h, relu.h and max_pool.h are one after the other, with the parameters of the
// first: other rounding, a pass over the images instead of one for every operation, and records of
// the inputs and their tangents alone. `kernels` work in the memory of the device that tensors are
// on, which are float or double.
std::unique_ptr<const Layer> MakeNormalizedRelu(const NormalizedReluOptions& options,
                                                std::shared_ptr<const BlockKernels> kernels);

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_NORMALIZED_RELU_H_
