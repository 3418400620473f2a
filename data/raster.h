// Decoded pixels.
#ifndef OUTERLOOP_DATA_RASTER_H_
#define OUTERLOOP_DATA_RASTER_H_

#include <cstdint>
#include <vector>

namespace outerloop::data {

// Grey: 0 is black, 255 white. Colour: red, green and blue, as the file has them (sRGB).
struct Raster {
  uint32_t height = 0;
  uint32_t width = 0;
  uint32_t channels = 0;        // 1: grey, 3: colour.
  std::vector<uint8_t> pixels;  // [height, width, channels]

  bool operator==(const Raster&) const = default;
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_RASTER_H_
