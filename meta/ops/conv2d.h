// Two-dimensional convolution.
#ifndef OUTERLOOP_META_OPS_CONV2D_H_
#define OUTERLOOP_META_OPS_CONV2D_H_

#include <cstdint>
#include <memory>

#include "meta/ops/layer.h"

namespace outerloop::meta {

enum class InitialWeights { kHeUniform, kGlorotUniform };

struct Conv2dOptions {
  int64_t channels = 1;
  int64_t filters = 1;
  int64_t kernel = 3;   // Pixels, both ways.
  int64_t stride = 1;   // Pixels, both ways.
  int64_t padding = 0;  // Pixels of zeros on each side.
  bool bias = false;    // Of no use before a normalisation, which takes it away or has its own.
  InitialWeights initial_weights = InitialWeights::kHeUniform;
};

// Inputs [T, N, channels, H, W]; outputs [T, N, filters, H', W'] with H' as below. Parameters:
// "weight" [filters, channels, kernel, kernel], and "bias" [filters], 0 at first, where it is
// wanted.
//
// The tasks are the groups of one grouped convolution, channels last in memory. In single precision
// on a CPU that reaches oneDNN's kernels. Over the layers of the four-block network with 64
// filters, for 4 tasks of 5 images, it takes two thirds of the time of im2col with batched matrix
// products, and as much less than a loop over tasks (one thread, AVX-512).
std::unique_ptr<const Layer> MakeConv2d(const Conv2dOptions& options);

// Pixels that come out where `size` go in: floor((size + 2 padding - kernel) / stride) + 1.
int64_t Conv2dOutputSize(const Conv2dOptions& options, int64_t size);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_CONV2D_H_
