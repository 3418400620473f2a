// Pixels of a raster, channel by channel: as data sets and networks have them.
#ifndef OUTERLOOP_DATA_PLANES_H_
#define OUTERLOOP_DATA_PLANES_H_

#include <cstdint>
#include <vector>

#include "data/raster.h"

namespace outerloop::data {

// [height, width, channels] to [channels, height, width].
std::vector<uint8_t> ToPlanes(const Raster& raster);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_PLANES_H_
