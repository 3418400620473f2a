// Images in another size.
#ifndef OUTERLOOP_DATA_RESIZE_H_
#define OUTERLOOP_DATA_RESIZE_H_

#include <cstdint>

#include "data/raster.h"

namespace outerloop::data {

// A part of an image, in pixels, whose sides need not be whole numbers. The image's top left corner
// is (0, 0).
struct Box {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;
};

// The largest box with the shape of `height` x `width` in the middle of an image.
Box CentredBox(const Raster& image, uint32_t height, uint32_t width);
Box WholeBox(const Raster& image);

// `box`, which lies within `image`, as `height` x `width` pixels, each at least 1. The filter is a
// triangle as wide as two pixels of the result, or of the image where it is enlarged: bilinear
// interpolation with antialiasing (Turkowski 1990, "Filters for common resampling tasks"), as
// Pillow's BILINEAR and torchvision's Resize. Columns first, then rows; weights in fixed point with
// 22 bits, results rounded to 8 bits after each, so that it is the same on every machine, and equal
// to Pillow's.
Raster Resize(const Raster& image, const Box& box, uint32_t height, uint32_t width);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_RESIZE_H_
