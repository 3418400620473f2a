#include "meta/cpu/patches.h"

#include <algorithm>
#include <vector>

namespace outerloop::meta::cpu {
namespace {

// One image, channels last, with a border of zeros one pixel wide: each row of a patch is three
// pixels side by side.
template <typename S>
class PaddedImage {
 public:
  explicit PaddedImage(const PatchShape& shape)
      : channels_(shape.channels), size_(shape.image), values_((size_.height + 2) * row_size()) {
    values_.Fill(0);
  }

  // `image` is [channels, height, width].
  void Assign(const S* image) {
    for (int64_t y = 0; y < size_.height; ++y) {
      S* const row = values_.data() + (y + 1) * row_size() + channels_;
      for (int64_t c = 0; c < channels_; ++c) {
        const S* const from = image + c * size_.pixels() + y * size_.width;
        for (int64_t x = 0; x < size_.width; ++x) row[x * channels_ + c] = from[x];
      }
    }
  }

  // From pixel (y - 1, x - 1) of the image on.
  const S* At(int64_t y, int64_t x) const {
    return values_.data() + y * row_size() + x * channels_;
  }

 private:
  int64_t row_size() const { return (size_.width + 2) * channels_; }

  const int64_t channels_;
  const ImageSize size_;
  Buffer<S> values_;
};

// The rows of one image, values as they are.
template <typename S>
void ExtractRows(const PatchShape& shape, const PaddedImage<S>& image, S* row) {
  const ImageSize outputs = shape.outputs();
  for (int64_t i = 0; i < outputs.height; ++i) {
    for (int64_t j = 0; j < outputs.width; ++j, row += shape.row_size()) {
      S* to = row;
      for (int64_t tap_row = 0; tap_row < 3; ++tap_row) {
        const S* const from = image.At(i * shape.stride + tap_row, j * shape.stride);
        for (int64_t k = 0; k < 3 * shape.channels; ++k) *to++ = from[k];
      }
      *to = 1;
      std::fill(to + 1, row + shape.row_size(), S{0});
    }
  }
}

// Sums over patches of the products of some columns with all columns. Rows of an image are summed
// by themselves, images in double.
template <typename S>
class ColumnProducts {
 public:
  // Of `channels` columns from `column` on.
  ColumnProducts(const PatchShape& shape, const Kernels<S>& kernels, int64_t column,
                 int64_t channels)
      : pixels_(shape.outputs().pixels()),
        row_size_(shape.row_size()),
        kernels_(kernels),
        column_(column),
        channels_(channels),
        of_image_(channels * row_size_),
        sums_(static_cast<size_t>(of_image_.size())) {}

  // The rows of one image.
  void Add(const S* rows) {
    kernels_.weight_gradient({.taps = &SinglePixelList(),
                              .num_taps = 1,
                              .images = pixels_,
                              .source_pixels = 1,
                              .source_stride = row_size_,
                              .target_pixels = 1,
                              .channels = channels_,
                              .filters = row_size_,
                              .terms = {{rows + column_, rows}},
                              .gradient = of_image_.data()});
    for (int64_t i = 0; i < of_image_.size(); ++i) sums_[i] += of_image_[i];
    patches_ += pixels_;
  }

  // [channels, row_size]
  Buffer<S> Means() const {
    Buffer<S> means(of_image_.size());
    for (int64_t i = 0; i < means.size(); ++i) {
      means[i] = static_cast<S>(sums_[i] / static_cast<double>(patches_));
    }
    return means;
  }

 private:
  const int64_t pixels_;
  const int64_t row_size_;
  const Kernels<S>& kernels_;
  const int64_t column_;
  const int64_t channels_;
  const Buffer<S> of_image_;
  std::vector<double> sums_;
  int64_t patches_ = 0;
};

// From all rows of one image.
template <typename S>
void Subtract(const PatchShape& shape, const Buffer<S>& mean, S* rows) {
  const int64_t row_size = shape.row_size(), values = shape.values();
  const S* const end = rows + shape.rows_size();
  for (; rows < end; rows += row_size) {
    for (int64_t value = 0; value < values; ++value) rows[value] -= mean[value];
  }
}

// Fills the rows with values as they are. Returns their mean.
template <typename S>
Buffer<S> Extract(const PatchShape& shape, const Kernels<S>& kernels, const S* images,
                  const Patches<S>& patches) {
  PaddedImage<S> padded(shape);
  // The column of ones times every column is every column's sum.
  ColumnProducts<S> sums(shape, kernels, /*column=*/shape.values(), /*channels=*/1);
  for (int64_t image = 0; image < patches.images; ++image) {
    S* const rows = patches.rows.data() + image * shape.rows_size();
    padded.Assign(images + image * shape.channels * shape.image.pixels());
    ExtractRows(shape, padded, rows);
    sums.Add(rows);
  }
  return sums.Means();
}

// Subtracts `mean`. Returns the covariance.
template <typename S>
Buffer<S> Center(const PatchShape& shape, const Kernels<S>& kernels, const Buffer<S>& mean,
                 const Patches<S>& patches) {
  ColumnProducts<S> products(shape, kernels, /*column=*/0, /*channels=*/shape.values());
  for (int64_t image = 0; image < patches.images; ++image) {
    S* const rows = patches.rows.data() + image * shape.rows_size();
    Subtract(shape, mean, rows);
    products.Add(rows);
  }
  return products.Means();
}

}  // namespace

// Twice an image at a time goes through the cache.
template <typename S>
Patches<S> ExtractPatches(const PatchShape& shape, const Kernels<S>& kernels, const S* images,
                          int64_t num_images, const Buffer<S>* mean) {
  Patches<S> patches;
  patches.images = num_images;
  patches.rows = Buffer<S>(num_images * shape.rows_size());
  patches.mean = Extract(shape, kernels, images, patches);
  patches.covariance = Center(shape, kernels, mean == nullptr ? patches.mean : *mean, patches);
  return patches;
}

template Patches<float> ExtractPatches(const PatchShape&, const Kernels<float>&, const float*,
                                       int64_t, const Buffer<float>*);
template Patches<double> ExtractPatches(const PatchShape&, const Kernels<double>&, const double*,
                                        int64_t, const Buffer<double>*);

}  // namespace outerloop::meta::cpu
