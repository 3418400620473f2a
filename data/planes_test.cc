#include "data/planes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace outerloop::data {
namespace {

using ::testing::ElementsAre;

TEST(ToPlanes, KeepsGreyAsItIs) {
  EXPECT_THAT(ToPlanes({.height = 2, .width = 2, .channels = 1, .pixels = {1, 2, 3, 4}}),
              ElementsAre(1, 2, 3, 4));
}

TEST(ToPlanes, TakesColoursApart) {
  EXPECT_THAT(ToPlanes({.height = 1, .width = 2, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}}),
              ElementsAre(1, 4, 2, 5, 3, 6));
}

// Longer than any vector of the processor, and no multiple of one.
TEST(ToPlanes, PutsEachPixelOfALargeImageInItsPlace) {
  Raster image{.height = 37, .width = 11, .channels = 3, .pixels = {}};
  for (int i = 0; i < 37 * 11 * 3; ++i) image.pixels.push_back(static_cast<uint8_t>(i * 7));
  const std::vector<uint8_t> planes = ToPlanes(image);
  for (int i = 0; i < 37 * 11; ++i) {
    for (int c = 0; c < 3; ++c) EXPECT_EQ(planes[c * 37 * 11 + i], image.pixels[i * 3 + c]);
  }
}

}  // namespace
}  // namespace outerloop::data
