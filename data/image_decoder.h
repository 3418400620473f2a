// PNG and JPEG files as pixels.
#ifndef OUTERLOOP_DATA_IMAGE_DECODER_H_
#define OUTERLOOP_DATA_IMAGE_DECODER_H_

#include <cstdint>
#include <limits>
#include <span>

#include "absl/status/statusor.h"
#include "data/raster.h"

namespace outerloop::data {

struct DecodeOptions {
  uint32_t channels = 3;  // Of the result. 1: grey, by ITU-R 601 luma. 3: colour.
  // Pixels that a file may claim to have. Refused before memory is taken for them.
  uint64_t max_pixels = 50'000'000;
  // A decoder that is faster at it may give the image reduced by 2, 4 or 8, as long as it keeps so
  // many pixels along each side. By default it keeps them all.
  uint32_t enough_height = std::numeric_limits<uint32_t>::max();
  uint32_t enough_width = std::numeric_limits<uint32_t>::max();
};

// Decodes a PNG or JPEG file, told apart by their first bytes. Transparent pixels are laid over
// white; Exif orientation is not looked at. The result is the same on every machine.
// INVALID_ARGUMENT, saying why, if `bytes` are neither, broken or broken off, or claim to be too
// large. Never reads outside `bytes`. Thread-safe.
absl::StatusOr<Raster> DecodeImage(std::span<const uint8_t> bytes, const DecodeOptions& options);

// "an image of 9x9 pixels; .." unless it has from one to `max_pixels`.
absl::Status CheckPixels(uint32_t height, uint32_t width, uint64_t max_pixels);

// Red, green and blue as grey: ITU-R 601 luma, rounded to nearest.
inline uint8_t Luma(uint8_t red, uint8_t green, uint8_t blue) {
  return static_cast<uint8_t>((19595u * red + 38470u * green + 7471u * blue + 32768u) >> 16);
}

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_IMAGE_DECODER_H_
