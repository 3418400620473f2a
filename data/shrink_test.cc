#include "data/shrink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace outerloop::data {
namespace {

using ::testing::ElementsAre;

TEST(ShrinkByArea, CopiesAnImageOfTheSameSize) {
  const Raster image{.height = 2, .width = 3, .channels = 1, .pixels = {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(ShrinkByArea(image, 2, 3), image);
}

TEST(ShrinkByArea, AveragesWholeBlocks) {
  const Raster image{
      .height = 2, .width = 4, .channels = 1, .pixels = {0, 4, 255, 255, 8, 8, 255, 254}};
  EXPECT_THAT(ShrinkByArea(image, 1, 2).pixels, ElementsAre(5, 255));
}

TEST(ShrinkByArea, SharesPixelsOnBorders) {
  const Raster image{.height = 1, .width = 3, .channels = 1, .pixels = {30, 60, 240}};
  EXPECT_THAT(ShrinkByArea(image, 1, 2).pixels, ElementsAre(40, 180));  // (30 + 60/2) / 1.5, ..
}

// An independent reference, in floating point, at Omniglot's factor of 3.75.
TEST(ShrinkByArea, EqualsTheIntegralOverEachPixel) {
  Raster image{
      .height = 105, .width = 105, .channels = 1, .pixels = std::vector<uint8_t>(105 * 105)};
  std::mt19937 random(7);
  for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(random());
  const Raster shrunk = ShrinkByArea(image, 28, 28);
  const auto overlap = [](int source, int target) {
    return std::max(
        0.0, std::min(source + 1.0, (target + 1) * 3.75) - std::max<double>(source, target * 3.75));
  };
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      double sum = 0;
      for (int i = 0; i < 105; ++i) {
        for (int j = 0; j < 105; ++j) {
          sum += overlap(i, y) * overlap(j, x) * image.pixels[i * 105 + j];
        }
      }
      EXPECT_NEAR(shrunk.pixels[y * 28 + x], sum / (3.75 * 3.75), 0.5 + 1e-9);
    }
  }
}

}  // namespace
}  // namespace outerloop::data
