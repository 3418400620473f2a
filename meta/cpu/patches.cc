#include "meta/cpu/patches.h"

#include <algorithm>
#include <vector>

namespace outerloop::meta::cpu {
namespace {

// Adds to `sums` [channels, row_size] the products of the first `channels` columns from `column` on
// with all columns. Rows of an image are summed by themselves, images in double.
template <typename S>
void AddProducts(const PatchShape& shape, const Kernels<S>& kernels, const Patches<S>& patches,
                 int64_t column, int64_t channels, std::vector<double>& sums) {
  const int64_t pixels = shape.outputs().pixels(), row_size = shape.row_size();
  Buffer<S> of_image(channels * row_size);
  for (int64_t image = 0; image < patches.images; ++image) {
    const S* const rows = patches.rows.data() + image * pixels * row_size;
    kernels.weight_gradient({.taps = &SinglePixelList(),
                             .num_taps = 1,
                             .images = pixels,
                             .source_pixels = 1,
                             .source_stride = row_size,
                             .target_pixels = 1,
                             .channels = channels,
                             .filters = row_size,
                             .terms = {{rows + column, rows}},
                             .gradient = of_image.data()});
    for (int64_t i = 0; i < of_image.size(); ++i) sums[i] += of_image[i];
  }
}

// The patch column `value` of one image: tap `value / channels` of channel `value % channels`.
template <typename S>
void ExtractColumn(const PatchShape& shape, const S* image, int64_t value, S* rows) {
  const int64_t tap = value / shape.channels, channel = value % shape.channels;
  const ImageSize size = shape.image, outputs = shape.outputs();
  const S* const plane = image + channel * size.pixels();
  S* to = rows + value;
  for (int64_t i = 0; i < outputs.height; ++i) {
    const int64_t y = i * shape.stride - 1 + tap / 3;
    for (int64_t j = 0; j < outputs.width; ++j, to += shape.row_size()) {
      const int64_t x = j * shape.stride - 1 + tap % 3;
      const bool inside = y >= 0 && y < size.height && x >= 0 && x < size.width;
      *to = inside ? plane[y * size.width + x] : S{0};
    }
  }
}

template <typename S>
void ExtractValues(const PatchShape& shape, const S* images, const Patches<S>& patches) {
  const int64_t pixels = shape.outputs().pixels(), row_size = shape.row_size();
  for (int64_t image = 0; image < patches.images; ++image) {
    S* const rows = patches.rows.data() + image * pixels * row_size;
    std::fill_n(rows, pixels * row_size, S{0});
    for (int64_t value = 0; value < shape.values(); ++value) {
      ExtractColumn(shape, images + image * shape.channels * shape.image.pixels(), value, rows);
    }
    for (int64_t pixel = 0; pixel < pixels; ++pixel) rows[pixel * row_size + shape.values()] = 1;
  }
}

// The column of ones times every column is every column's sum.
template <typename S>
Buffer<S> MeanPatch(const PatchShape& shape, const Kernels<S>& kernels, const Patches<S>& patches) {
  std::vector<double> sums(static_cast<size_t>(shape.row_size()));
  AddProducts(shape, kernels, patches, /*column=*/shape.values(), /*channels=*/1, sums);
  Buffer<S> mean(shape.values());
  const double count = static_cast<double>(patches.images * shape.outputs().pixels());
  for (int64_t value = 0; value < mean.size(); ++value) {
    mean[value] = static_cast<S>(sums[value] / count);
  }
  return mean;
}

template <typename S>
void Subtract(const PatchShape& shape, const Buffer<S>& mean, const Patches<S>& patches) {
  S* row = patches.rows.data();
  for (int64_t i = 0; i < patches.images * shape.outputs().pixels(); ++i, row += shape.row_size()) {
    for (int64_t value = 0; value < shape.values(); ++value) row[value] -= mean[value];
  }
}

template <typename S>
Buffer<S> Covariance(const PatchShape& shape, const Kernels<S>& kernels,
                     const Patches<S>& patches) {
  std::vector<double> sums(static_cast<size_t>(shape.values() * shape.row_size()));
  AddProducts(shape, kernels, patches, /*column=*/0, shape.values(), sums);
  Buffer<S> covariance(static_cast<int64_t>(sums.size()));
  const double count = static_cast<double>(patches.images * shape.outputs().pixels());
  for (int64_t i = 0; i < covariance.size(); ++i) covariance[i] = static_cast<S>(sums[i] / count);
  return covariance;
}

}  // namespace

template <typename S>
Patches<S> ExtractPatches(const PatchShape& shape, const Kernels<S>& kernels, const S* images,
                          int64_t num_images, const Buffer<S>* mean) {
  Patches<S> patches;
  patches.images = num_images;
  patches.rows = Buffer<S>(num_images * shape.outputs().pixels() * shape.row_size());
  ExtractValues(shape, images, patches);
  if (mean != nullptr) {
    Subtract(shape, *mean, patches);
    return patches;
  }
  patches.mean = MeanPatch(shape, kernels, patches);
  Subtract(shape, patches.mean, patches);
  patches.covariance = Covariance(shape, kernels, patches);
  return patches;
}

template Patches<float> ExtractPatches(const PatchShape&, const Kernels<float>&, const float*,
                                       int64_t, const Buffer<float>*);
template Patches<double> ExtractPatches(const PatchShape&, const Kernels<double>&, const double*,
                                        int64_t, const Buffer<double>*);

}  // namespace outerloop::meta::cpu
