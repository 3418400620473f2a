#include "worker/loaders/turned_image.h"

#include <span>

#include "absl/strings/str_cat.h"

namespace outerloop::worker {

absl::Status CheckTurns(uint32_t quarter_turns, const data::DatasetIndex& index) {
  if (quarter_turns > 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("rotation ", quarter_turns, "; allowed: 0 to 3 quarter turns"));
  }
  if (quarter_turns % 2 == 1 && index.height != index.width) {
    return absl::InvalidArgumentError(absl::StrCat("a quarter turn of images of ", index.height,
                                                   " x ", index.width, ", which are not square"));
  }
  return absl::OkStatus();
}

std::string TurnedPixels(const data::DatasetView& dataset, uint32_t row, uint32_t quarter_turns) {
  const size_t h = dataset.index.height, w = dataset.index.width;
  const std::span<const uint8_t> planes = dataset.image(row);
  std::string pixels;
  pixels.reserve(planes.size());
  for (size_t i = 0; i < h; ++i) {
    for (size_t j = 0; j < w; ++j) {
      const size_t source = SourceOf(i, j, h, w, quarter_turns);
      for (size_t c = 0; c < dataset.index.channels; ++c) {
        pixels.push_back(static_cast<char>(planes[c * h * w + source]));
      }
    }
  }
  return pixels;
}

}  // namespace outerloop::worker
