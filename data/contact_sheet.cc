#include "data/contact_sheet.h"

#include <algorithm>
#include <cstddef>

namespace outerloop::data {
namespace {

constexpr uint8_t kGap = 128;

// Copies the planes of one image to (top, left) of the sheet.
void Paste(std::span<const uint8_t> planes, const DatasetIndex& index, uint32_t top, uint32_t left,
           Raster& sheet) {
  const size_t area = size_t{index.height} * index.width;
  for (uint32_t y = 0; y < index.height; ++y) {
    for (uint32_t x = 0; x < index.width; ++x) {
      uint8_t* pixel = &sheet.pixels[(size_t{top + y} * sheet.width + left + x) * sheet.channels];
      for (uint32_t c = 0; c < sheet.channels; ++c) {
        pixel[c] = planes[c * area + size_t{y} * index.width + x];
      }
    }
  }
}

}  // namespace

Raster MakeContactSheet(const DatasetView& dataset, const ContactSheetOptions& options) {
  const DatasetIndex& index = dataset.index;
  const auto classes = static_cast<uint32_t>(index.classes.size());
  const uint32_t rows = std::min(options.classes, classes);
  uint32_t columns = 0;
  for (const DatasetClass& c : index.classes) columns = std::max(columns, c.examples);
  columns = std::min(columns, options.examples);
  Raster sheet{.height = options.gap + rows * (index.height + options.gap),
               .width = options.gap + columns * (index.width + options.gap),
               .channels = index.channels == 3 ? 3u : 1u,
               .pixels = {}};
  sheet.pixels.assign(size_t{sheet.height} * sheet.width * sheet.channels, kGap);
  for (uint32_t row = 0; row < rows; ++row) {
    const DatasetClass& c = index.classes[uint64_t{row} * classes / rows];
    for (uint32_t column = 0; column < std::min(columns, c.examples); ++column) {
      Paste(dataset.image(c.first_row + column), index,
            options.gap + row * (index.height + options.gap),
            options.gap + column * (index.width + options.gap), sheet);
    }
  }
  return sheet;
}

}  // namespace outerloop::data
