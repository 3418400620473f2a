#include "data/canvas.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace outerloop::data {
namespace {

// Rows of '#' (full ink), '+' (some) and '.' (paper).
std::string Picture(const Canvas& canvas, uint32_t size) {
  const std::vector<uint8_t> pixels = canvas.Pixels();
  std::string picture;
  for (size_t i = 0; i < pixels.size(); ++i) {
    picture += pixels[i] == 255 ? '#' : pixels[i] == 0 ? '.' : '+';
    if (i % size == size - 1) picture += '\n';
  }
  return picture;
}

TEST(Canvas, IsPaperAtFirst) { EXPECT_EQ(Canvas(4, 0.1).Pixels(), std::vector<uint8_t>(16, 0)); }

TEST(Canvas, DrawsALineWithRoundEnds) {
  Canvas canvas(8, /*pen_radius=*/1.25 / 8);
  canvas.DrawLine({0.25, 0.5}, {0.75, 0.5});
  EXPECT_EQ(Picture(canvas, 8),
            "........\n"
            "........\n"
            ".++++++.\n"
            "+######+\n"
            "+######+\n"
            ".++++++.\n"
            "........\n"
            "........\n");
}

TEST(Canvas, DrawsTheSameLineFromEitherEnd) {
  Canvas one(28, 0.03), other(28, 0.03);
  one.DrawLine({0.125, 0.25}, {0.75, 0.875});
  other.DrawLine({0.75, 0.875}, {0.125, 0.25});
  EXPECT_EQ(one.Pixels(), other.Pixels());
}

TEST(Canvas, PutsXToTheRightAndYDownwards) {
  Canvas canvas(4, 0.125);
  canvas.DrawLine({0.875, 0.125}, {0.875, 0.125});
  const std::vector<uint8_t> pixels = canvas.Pixels();
  EXPECT_EQ(std::max_element(pixels.begin(), pixels.end()) - pixels.begin(), 3);
}

TEST(Canvas, CutsALineOffAtTheEdgesOfThePaper) {
  Canvas canvas(8, 0.0625);
  canvas.DrawLine({-3, 0.5}, {4, 0.5});
  canvas.DrawLine({9, 9}, {12, -7});
  EXPECT_EQ(Picture(canvas, 8).substr(27, 18), "++++++++\n++++++++\n");
}

}  // namespace
}  // namespace outerloop::data
