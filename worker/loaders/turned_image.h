// Images turned by quarter turns counter-clockwise.
#ifndef OUTERLOOP_WORKER_LOADERS_TURNED_IMAGE_H_
#define OUTERLOOP_WORKER_LOADERS_TURNED_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

#include "data/dataset_file.h"

namespace outerloop::worker {

// INVALID_ARGUMENT unless images of `index` can be turned so: 0 to 3 times, and an odd number of
// times only if they are square.
absl::Status CheckTurns(uint32_t quarter_turns, const data::DatasetIndex& index);

// Where pixel (row, column) of a turned image lies in the plane of h x w pixels that was turned.
inline size_t SourceOf(size_t row, size_t column, size_t h, size_t w, uint32_t quarter_turns) {
  switch (quarter_turns) {
    case 1:
      return column * w + (w - 1 - row);
    case 2:
      return (h - 1 - row) * w + (w - 1 - column);
    case 3:
      return (h - 1 - column) * w + row;
    default:
      return row * w + column;
  }
}

// The image in row `row` of `dataset`, turned: uint8 [height, width, channels], as `dataset` has
// its pixels. The row exists and can be turned so.
std::string TurnedPixels(const data::DatasetView& dataset, uint32_t row, uint32_t quarter_turns);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_LOADERS_TURNED_IMAGE_H_
