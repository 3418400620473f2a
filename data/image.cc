#include "data/image.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace {

// Compressed data may claim to unfold without end.
constexpr size_t kMaxAllocation = size_t{64} << 20;

void* BoundedMalloc(size_t bytes) { return bytes > kMaxAllocation ? nullptr : std::malloc(bytes); }

void* BoundedRealloc(void* old, size_t bytes) {
  return bytes > kMaxAllocation ? nullptr : std::realloc(old, bytes);
}

}  // namespace

#define STBI_MALLOC(bytes) BoundedMalloc(bytes)
#define STBI_REALLOC(old, bytes) BoundedRealloc(old, bytes)
#define STBI_FREE(memory) std::free(memory)
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include "stb/stb_image.h"

namespace outerloop::data {
namespace {

absl::Status NoPng(absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("no PNG image, or a broken one (", reason, ")"));
}

absl::Status CheckSides(uint32_t height, uint32_t width, uint32_t max_side) {
  if (height <= max_side && width <= max_side) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("an image of ", width, "x", height,
                                                 " pixels; at most ", max_side, "x", max_side,
                                                 " are allowed"));
}

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

uint64_t WeightedSum(const GreyImage& image, const Cover& rows, const Cover& columns) {
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

absl::StatusOr<GreyImage> DecodePng(std::span<const uint8_t> bytes, uint32_t max_side) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return NoPng("too long");
  const int size = static_cast<int>(bytes.size());
  int width = 0, height = 0, channels = 0;
  if (stbi_info_from_memory(bytes.data(), size, &width, &height, &channels) == 0) {
    return NoPng(stbi_failure_reason());
  }
  if (absl::Status status = CheckSides(height, width, max_side); !status.ok()) return status;
  const std::unique_ptr<stbi_uc, decltype(&std::free)> decoded(
      stbi_load_from_memory(bytes.data(), size, &width, &height, &channels, /*desired_channels=*/1),
      &std::free);
  if (decoded == nullptr) return NoPng(stbi_failure_reason());
  return GreyImage{.height = static_cast<uint32_t>(height),
                   .width = static_cast<uint32_t>(width),
                   .pixels = {decoded.get(), decoded.get() + size_t(height) * size_t(width)}};
}

GreyImage ShrinkByArea(const GreyImage& image, uint32_t height, uint32_t width) {
  const std::vector<Cover> rows = CoversOf(image.height, height);
  const std::vector<Cover> columns = CoversOf(image.width, width);
  const uint64_t area = uint64_t{image.height} * image.width;  // Weights of one result pixel.
  GreyImage shrunk{.height = height, .width = width, .pixels = {}};
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
