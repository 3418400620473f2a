#include "data/contact_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace outerloop::data {
namespace {

using ::testing::ElementsAre;

// Classes with `examples` images of one pixel, numbered from 1.
DatasetView Pixels(const std::vector<uint32_t>& examples, uint32_t channels,
                   std::vector<uint8_t>& images) {
  DatasetView view;
  view.index.channels = channels;
  view.index.height = view.index.width = 1;
  uint32_t row = 0;
  for (const uint32_t count : examples) {
    view.index.classes.push_back({.name = "c", .origin = "o", .first_row = row, .examples = count});
    row += count;
  }
  for (uint32_t i = 0; i < row * channels; ++i) images.push_back(static_cast<uint8_t>(i + 1));
  view.images = images;
  return view;
}

TEST(MakeContactSheet, PutsARowForEachClassWithGaps) {
  std::vector<uint8_t> images;
  const Raster sheet = MakeContactSheet(Pixels({2, 1}, 1, images), {.gap = 1});
  EXPECT_EQ(sheet.width, 5u);
  EXPECT_EQ(sheet.height, 5u);
  EXPECT_THAT(sheet.pixels, ElementsAre(128, 128, 128, 128, 128,  //
                                        128, 1, 128, 2, 128,      //
                                        128, 128, 128, 128, 128,  //
                                        128, 3, 128, 128, 128,    //
                                        128, 128, 128, 128, 128));
}

TEST(MakeContactSheet, SpreadsTheRowsOverAllClasses) {
  std::vector<uint8_t> images;
  const Raster sheet = MakeContactSheet(Pixels({1, 1, 1, 1, 1, 1}, 1, images),
                                        {.classes = 3, .examples = 1, .gap = 0});
  EXPECT_THAT(sheet.pixels, ElementsAre(1, 3, 5));
}

TEST(MakeContactSheet, MakesPixelsOfPlanes) {
  std::vector<uint8_t> images;
  const Raster sheet = MakeContactSheet(Pixels({2}, 3, images), {.examples = 1, .gap = 0});
  EXPECT_EQ(sheet.channels, 3u);
  EXPECT_THAT(sheet.pixels, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace outerloop::data
