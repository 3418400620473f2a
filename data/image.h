// Grey images: decoding and shrinking.
#ifndef OUTERLOOP_DATA_IMAGE_H_
#define OUTERLOOP_DATA_IMAGE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace outerloop::data {

struct GreyImage {
  uint32_t height = 0;
  uint32_t width = 0;
  std::vector<uint8_t> pixels;  // [height, width], 0 is black, 255 white.

  bool operator==(const GreyImage&) const = default;
};

// Decodes a PNG of any kind: colours become grey, transparency counts nothing. INVALID_ARGUMENT,
// saying why, if `bytes` are no PNG or broken off, or a side is longer than `max_side`, which is
// checked before memory is taken for pixels. Takes at most 64 MiB at a time, whatever `bytes`
// claim. Thread-safe.
absl::StatusOr<GreyImage> DecodePng(std::span<const uint8_t> bytes, uint32_t max_side);

// Shrinks by averaging areas: a pixel of the result is the mean of the part of `image` that it
// covers, pixels on its border by the fraction covered. Exact integer arithmetic, rounded to
// nearest, halves up. 1 <= height <= image.height <= 65535, likewise width.
GreyImage ShrinkByArea(const GreyImage& image, uint32_t height, uint32_t width);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_IMAGE_H_
