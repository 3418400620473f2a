#include "data/resize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace outerloop::data {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// Pixels by the linear congruential generator of C's standard: easily made again elsewhere.
Raster Noise(uint32_t height, uint32_t width, uint32_t channels) {
  Raster image{.height = height, .width = width, .channels = channels, .pixels = {}};
  uint32_t state = 12345;
  for (uint32_t i = 0; i < height * width * channels; ++i) {
    state = (state * 1103515245u + 12345u) & 0x7fffffffu;
    image.pixels.push_back(static_cast<uint8_t>(state >> 16));
  }
  return image;
}

std::vector<uint8_t> Resized(const Raster& image, uint32_t height, uint32_t width) {
  return Resize(image, WholeBox(image), height, width).pixels;
}

// What Pillow 12.0 makes of the same pixels: Image.resize((width, height), BILINEAR, box).
TEST(Resize, GivesPillowsPixelsToTheBit) {
  EXPECT_THAT(Resized(Noise(7, 9, 1), 3, 4),
              ElementsAre(140, 88, 82, 109, 122, 87, 103, 122, 128, 126, 147, 106));
  EXPECT_THAT(Resized(Noise(6, 5, 3), 2, 2),
              ElementsAre(138, 78, 162, 133, 80, 104, 116, 146, 134, 128, 100, 139));
  EXPECT_THAT(Resized(Noise(2, 3, 1), 4, 5),
              ElementsAre(220, 134, 4, 62, 101, 208, 129, 11, 76, 119, 183, 119, 24, 103, 155, 170,
                          114, 31, 116, 173));
  const Box box{.left = 1.25, .top = 0.5, .width = 6.5, .height = 4.875};
  EXPECT_THAT(Resize(Noise(7, 9, 1), box, 3, 4).pixels,
              ElementsAre(93, 79, 81, 84, 84, 77, 102, 66, 115, 116, 113, 159));
}

TEST(Resize, KeepsAnImageOfTheRightSize) {
  const Raster image = Noise(6, 5, 3);
  EXPECT_EQ(Resize(image, WholeBox(image), 6, 5), image);
}

TEST(Resize, KeepsAFlatImageFlatWhateverTheSizes) {
  const Raster flat{
      .height = 13, .width = 17, .channels = 3, .pixels = std::vector<uint8_t>(13 * 17 * 3, 255)};
  for (const uint32_t side : {1u, 2u, 5u, 16u, 40u}) {
    EXPECT_THAT(Resized(flat, side, side + 1), Each(255)) << side;
  }
}

// A triangle over all of an image weighs its middle most: with 2 pixels to 1, each counts half.
TEST(Resize, AveragesPixelsThatBecomeOne) {
  const Raster pair{.height = 1, .width = 2, .channels = 1, .pixels = {10, 31}};
  EXPECT_THAT(Resized(pair, 1, 1), ElementsAre(21));
}

// Antialiasing: a pattern finer than the result becomes grey, not a coarser pattern.
TEST(Resize, TurnsStripesTooFineToShowIntoGrey) {
  Raster stripes{.height = 4, .width = 400, .channels = 1, .pixels = {}};
  for (uint32_t i = 0; i < 4 * 400; ++i) stripes.pixels.push_back(i % 2 == 0 ? 0 : 255);
  for (const uint8_t pixel : Resized(stripes, 4, 39)) EXPECT_NEAR(pixel, 127.5, 8);
}

TEST(Resize, TreatsRowsAsItTreatsColumns) {
  const Raster image = Noise(8, 11, 1);
  Raster turned{.height = 11, .width = 8, .channels = 1, .pixels = {}};
  for (uint32_t y = 0; y < 11; ++y) {
    for (uint32_t x = 0; x < 8; ++x) turned.pixels.push_back(image.pixels[x * 11 + y]);
  }
  // One axis at a time, since rounding between the two is not symmetric.
  const std::vector<uint8_t> columns = Resized(image, 8, 4);
  const std::vector<uint8_t> rows = Resized(turned, 4, 8);
  for (uint32_t y = 0; y < 8; ++y) {
    for (uint32_t x = 0; x < 4; ++x) EXPECT_EQ(columns[y * 4 + x], rows[x * 8 + y]);
  }
}

TEST(CentredBox, TakesTheLargestPartOfTheShape) {
  const Box wide = CentredBox({.height = 100, .width = 300, .channels = 1, .pixels = {}}, 84, 84);
  EXPECT_EQ(wide.left, 100);
  EXPECT_EQ(wide.width, 100);
  EXPECT_EQ(wide.top, 0);
  EXPECT_EQ(wide.height, 100);
  const Box tall = CentredBox({.height = 301, .width = 100, .channels = 1, .pixels = {}}, 40, 20);
  EXPECT_EQ(tall.top, 50.5);
  EXPECT_EQ(tall.height, 200);
  EXPECT_EQ(tall.width, 100);
}

}  // namespace
}  // namespace outerloop::data
