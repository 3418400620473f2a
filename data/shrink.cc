#include "data/shrink.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace outerloop::data {
namespace {

// The source pixels under one pixel of the result, along one axis. Lengths are in units of
// 1/`shrunk` of a source pixel, so that all of them are whole numbers and sum to `length`.
struct Cover {
  uint32_t first = 0;
  std::vector<uint32_t> weights;
};

std::vector<Cover> CoversOf(uint32_t length, uint32_t shrunk) {
  std::vector<Cover> covers(shrunk);
  for (uint64_t i = 0; i < shrunk; ++i) {
    const uint64_t begin = i * length;
    const uint64_t end = begin + length;
    covers[i].first = static_cast<uint32_t>(begin / shrunk);
    for (uint64_t source = covers[i].first; source * shrunk < end; ++source) {
      const uint64_t low = std::max(begin, source * shrunk);
      const uint64_t high = std::min(end, (source + 1) * shrunk);
      covers[i].weights.push_back(static_cast<uint32_t>(high - low));
    }
  }
  return covers;
}

uint64_t WeightedSum(const Raster& image, const Cover& rows, const Cover& columns) {
  uint64_t sum = 0;
  for (size_t y = 0; y < rows.weights.size(); ++y) {
    const uint8_t* source = &image.pixels[(rows.first + y) * image.width + columns.first];
    uint64_t row_sum = 0;
    for (size_t x = 0; x < columns.weights.size(); ++x) row_sum += columns.weights[x] * source[x];
    sum += rows.weights[y] * row_sum;
  }
  return sum;
}

}  // namespace

Raster ShrinkByArea(const Raster& image, uint32_t height, uint32_t width) {
  assert(image.channels == 1);
  const std::vector<Cover> rows = CoversOf(image.height, height);
  const std::vector<Cover> columns = CoversOf(image.width, width);
  const uint64_t area = uint64_t{image.height} * image.width;  // Weights of one result pixel.
  Raster shrunk{.height = height, .width = width, .channels = 1, .pixels = {}};
  shrunk.pixels.reserve(size_t{height} * width);
  for (const Cover& row : rows) {
    for (const Cover& column : columns) {
      const uint64_t sum = WeightedSum(image, row, column);
      shrunk.pixels.push_back(static_cast<uint8_t>((sum + area / 2) / area));
    }
  }
  return shrunk;
}

}  // namespace outerloop::data
