// Images for tests of importers.
#ifndef OUTERLOOP_DATA_TEST_IMAGE_H_
#define OUTERLOOP_DATA_TEST_IMAGE_H_

#include <cstdint>
#include <string>

#include "data/raster.h"

namespace outerloop::data {

// Smooth colours, of which each pixel and channel has its own, that differ by `seed`.
Raster SmoothImage(uint32_t height, uint32_t width, uint32_t channels, uint32_t seed = 0);

struct JpegForm {
  int quality = 95;
  bool progressive = false;
};
// A JPEG file. The calling test fails if that is not possible.
std::string EncodeJpeg(const Raster& image, const JpegForm& form = {});
// A JPEG file of inks, as Adobe's programs write it: complements, with their marker.
std::string EncodeCmykJpeg(uint32_t height, uint32_t width, const uint8_t (&inks)[4]);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_TEST_IMAGE_H_
