#include "data/resize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace outerloop::data {
namespace {

constexpr int kWeightBits = 22;

// What one pixel of the result is made of, along one axis: pixels of the source from `first` on,
// with weights that sum to 2^22 up to rounding.
struct Taps {
  uint32_t first = 0;
  std::vector<int32_t> weights;
};

// The weights of `count` source pixels from `first` on, for a result pixel whose centre is at
// `centre` of the source.
std::vector<int32_t> Weigh(uint32_t first, uint32_t count, double centre, double scale) {
  std::vector<double> weights(count);
  double sum = 0;
  for (uint32_t i = 0; i < count; ++i) {
    weights[i] = std::max(0.0, 1.0 - std::abs((first + i - centre + 0.5) * (1.0 / scale)));
    sum += weights[i];
  }
  std::vector<int32_t> fixed(count);
  for (uint32_t i = 0; i < count; ++i) {
    fixed[i] = static_cast<int32_t>(0.5 + weights[i] / sum * (1 << kWeightBits));
  }
  return fixed;
}

// For `results` pixels over the part of a side of `length` pixels that begins at `start`.
std::vector<Taps> TapsOf(uint32_t length, double start, double part, uint32_t results) {
  const double step = part / results;
  const double scale = std::max(step, 1.0);  // Half the filter's width, in source pixels.
  std::vector<Taps> taps(results);
  for (uint32_t i = 0; i < results; ++i) {
    const double centre = start + (i + 0.5) * step;
    const auto first = static_cast<uint32_t>(std::max(0.0, centre - scale + 0.5));
    const auto end = std::min(length, static_cast<uint32_t>(centre + scale + 0.5));
    taps[i] = {first, Weigh(first, end - first, centre, scale)};
  }
  return taps;
}

uint8_t Round(int32_t sum) {
  return static_cast<uint8_t>(std::clamp((sum + (1 << (kWeightBits - 1))) >> kWeightBits, 0, 255));
}

// [height, width, channels] to [height, taps, channels].
Raster ResizeColumns(const Raster& image, const std::vector<Taps>& taps) {
  const uint32_t channels = image.channels;
  const auto width = static_cast<uint32_t>(taps.size());
  Raster result{.height = image.height, .width = width, .channels = channels, .pixels = {}};
  result.pixels.resize(size_t{image.height} * width * channels);
  uint8_t* to = result.pixels.data();
  for (uint32_t y = 0; y < image.height; ++y) {
    const uint8_t* row = &image.pixels[size_t{y} * image.width * channels];
    for (const Taps& tap : taps) {
      for (uint32_t c = 0; c < channels; ++c) {
        const uint8_t* from = row + size_t{tap.first} * channels + c;
        int32_t sum = 0;
        for (const int32_t weight : tap.weights) {
          sum += weight * *from;
          from += channels;
        }
        *to++ = Round(sum);
      }
    }
  }
  return result;
}

// [height, width, channels] to [taps, width, channels]: whole rows are added, which the compiler
// makes vector code of.
Raster ResizeRows(const Raster& image, const std::vector<Taps>& taps) {
  const size_t row = size_t{image.width} * image.channels;
  Raster result{.height = static_cast<uint32_t>(taps.size()),
                .width = image.width,
                .channels = image.channels,
                .pixels = {}};
  result.pixels.resize(taps.size() * row);
  std::vector<int32_t> sums(row);
  for (size_t y = 0; y < taps.size(); ++y) {
    std::fill(sums.begin(), sums.end(), 0);
    for (size_t i = 0; i < taps[y].weights.size(); ++i) {
      const int32_t weight = taps[y].weights[i];
      const uint8_t* from = &image.pixels[(taps[y].first + i) * row];
      for (size_t x = 0; x < row; ++x) sums[x] += weight * from[x];
    }
    std::transform(sums.begin(), sums.end(), &result.pixels[y * row], Round);
  }
  return result;
}

}  // namespace

Box WholeBox(const Raster& image) {
  return {.left = 0,
          .top = 0,
          .width = static_cast<double>(image.width),
          .height = static_cast<double>(image.height)};
}

Box CentredBox(const Raster& image, uint32_t height, uint32_t width) {
  const double scale = std::min(static_cast<double>(image.height) / height,
                                static_cast<double>(image.width) / width);
  Box box{.width = std::min(scale * width, static_cast<double>(image.width)),
          .height = std::min(scale * height, static_cast<double>(image.height))};
  box.left = (image.width - box.width) / 2;
  box.top = (image.height - box.height) / 2;
  return box;
}

Raster Resize(const Raster& image, const Box& box, uint32_t height, uint32_t width) {
  const bool keeps_columns = box.left == 0 && box.width == image.width && width == image.width;
  const bool keeps_rows = box.top == 0 && box.height == image.height && height == image.height;
  if (keeps_columns && keeps_rows) return image;
  const std::vector<Taps> rows = TapsOf(image.height, box.top, box.height, height);
  if (keeps_columns) return ResizeRows(image, rows);
  const Raster narrow = ResizeColumns(image, TapsOf(image.width, box.left, box.width, width));
  return keeps_rows ? narrow : ResizeRows(narrow, rows);
}

}  // namespace outerloop::data
