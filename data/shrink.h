// Grey images in a smaller size, by areas: as Omniglot's drawings are shrunk.
#ifndef OUTERLOOP_DATA_SHRINK_H_
#define OUTERLOOP_DATA_SHRINK_H_

#include <cstdint>

#include "data/raster.h"

namespace outerloop::data {

// A pixel of the result is the mean of the part of `image`, which is grey, that it covers, pixels
// on its border by the fraction covered. Exact integer arithmetic, rounded to nearest, halves up.
// 1 <= height <= image.height <= 65535, likewise width.
Raster ShrinkByArea(const Raster& image, uint32_t height, uint32_t width);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_SHRINK_H_
