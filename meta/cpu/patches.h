// What the first convolution sees: the 3x3 patches of a task's images, with their statistics.
#ifndef OUTERLOOP_META_CPU_PATCHES_H_
#define OUTERLOOP_META_CPU_PATCHES_H_

#include <cstdint>

#include "meta/cpu/buffer.h"
#include "meta/cpu/geometry.h"
#include "meta/cpu/kernels.h"

namespace outerloop::meta::cpu {

// The images' shape, and which patches of them the first convolution takes.
struct PatchShape {
  int64_t channels = 1;
  ImageSize image;
  int64_t stride = 2;
  int64_t lanes = 16;  // Of the kernels that read the patches.

  ImageSize outputs() const { return OutputSize(image, stride); }
  int64_t values() const { return kTaps * channels; }  // Of a patch, in the order tap, channel.
  int64_t row_size() const { return RoundUp(values() + 1, lanes); }
  int64_t rows_size() const { return outputs().pixels() * row_size(); }  // Of an image.
};

// The patches of all images, one row an output pixel: the values less the batch's mean patch, then
// a 1, then zeros. A linear map of the row with a bias as its last weight is one matrix product.
template <typename S>
struct Patches {
  Buffer<S> rows;  // [images, output pixels, row_size]
  int64_t images = 0;
  // Of rows of row_size, the first `values` matter.
  Buffer<S> mean;        // [row_size]: the batch's own.
  Buffer<S> covariance;  // [values, row_size]
};

// `images` is [images, channels, height, width]. With `mean`, another batch's that the images are
// to be normalised with, that is what is subtracted.
template <typename S>
Patches<S> ExtractPatches(const PatchShape& shape, const Kernels<S>& kernels, const S* images,
                          int64_t num_images, const Buffer<S>* mean = nullptr);

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_PATCHES_H_
