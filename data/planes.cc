#include "data/planes.h"

#include <cstddef>

namespace outerloop::data {

std::vector<uint8_t> ToPlanes(const Raster& raster) {
  if (raster.channels == 1) return raster.pixels;
  const size_t area = size_t{raster.height} * raster.width;
  std::vector<uint8_t> planes(raster.pixels.size());
  const uint8_t* from = raster.pixels.data();
  uint8_t* red = planes.data();
  uint8_t* green = red + area;
  uint8_t* blue = green + area;
  for (size_t i = 0; i < area; ++i) {
    red[i] = from[3 * i];
    green[i] = from[3 * i + 1];
    blue[i] = from[3 * i + 2];
  }
  return planes;
}

}  // namespace outerloop::data
