#include "data/strokes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "common/sha256.h"

namespace outerloop::data {
namespace {

std::string Write(const DatasetBuilder& builder) {
  std::string file;
  const absl::Status status = builder.Write("strokes", [&file](std::string_view piece) {
    file.append(piece);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return file;
}

std::span<const uint8_t> BytesOf(const std::string& file) {
  return {reinterpret_cast<const uint8_t*>(file.data()), file.size()};
}

StrokesOptions Small(uint64_t seed) {
  return {.classes = 5, .examples = 3, .size = 28, .seed = seed};
}

// Of the pixels alone: the data set that is named `strokes` is the same on every machine, for ever.
TEST(DrawStrokes, GivesTheSamePixelsForEver) {
  const std::string file = Write(DrawStrokes(Small(0)));
  const auto view = ParseDataset(BytesOf(file));
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(Sha256Hex({reinterpret_cast<const char*>(view->images.data()), view->images.size()}),
            "2db9990873de3f8dde4039a2d0d4d2be3e1dd5fb36de43bd4a287c21dbf14c93");
}

TEST(DrawStrokes, DrawsOtherCharactersForAnotherSeed) {
  EXPECT_NE(Write(DrawStrokes(Small(0))), Write(DrawStrokes(Small(1))));
}

TEST(DrawStrokes, DrawsAnImageTheSameWhateverElseIsDrawn) {
  const std::string small = Write(DrawStrokes(Small(0)));
  StrokesOptions more = Small(0);
  more.classes = 7;
  const std::string large = Write(DrawStrokes(more));
  const auto a = ParseDataset(BytesOf(small));
  const auto b = ParseDataset(BytesOf(large));
  EXPECT_TRUE(std::equal(a->images.begin(), a->images.end(), b->images.begin()));
}

TEST(DrawStrokes, MakesTheClassesAndExamplesAskedFor) {
  const DatasetBuilder builder = DrawStrokes({.classes = 7, .examples = 4, .size = 20, .seed = 0});
  EXPECT_EQ(builder.index().classes.size(), 7u);
  EXPECT_EQ(builder.index().examples(), 28u);
  EXPECT_EQ(builder.index().image_bytes(), 400u);
  EXPECT_EQ(builder.index().classes[6], (DatasetClass{"character0007", "strokes", 24, 4}));
}

TEST(DrawStrokes, LeavesInkAndPaperOnEveryImage) {
  const std::string file = Write(DrawStrokes({.classes = 100, .examples = 3, .size = 28}));
  const auto view = ParseDataset(BytesOf(file));
  ASSERT_TRUE(view.ok()) << view.status();
  for (uint32_t row = 0; row < 300; ++row) {
    const auto image = view->image(row);
    const double ink = std::accumulate(image.begin(), image.end(), 0.0) / 255 / 784;
    EXPECT_GT(ink, 0.02) << row;
    EXPECT_LT(ink, 0.40) << row;
  }
}

double Distance(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::pow(double(a[i]) - double(b[i]), 2);
  return sum;
}

// 20-way 1-shot by the nearest neighbour in pixels is far above chance (5%): examples of a class
// are alike. It is far from perfect, too: there is something left to learn.
TEST(DrawStrokes, MakesClassesThatCanBeToldApart) {
  const std::string file = Write(DrawStrokes({.classes = 200, .examples = 2, .size = 28}));
  const auto view = ParseDataset(BytesOf(file));
  ASSERT_TRUE(view.ok()) << view.status();
  int correct = 0;
  for (uint32_t c = 0; c < 200; ++c) {
    uint32_t nearest = c;
    for (uint32_t other = c - c % 20; other < c - c % 20 + 20; ++other) {
      const auto query = view->image(2 * c + 1);
      if (Distance(query, view->image(2 * other)) < Distance(query, view->image(2 * nearest))) {
        nearest = other;
      }
    }
    correct += nearest == c;
  }
  EXPECT_GT(correct, 50);
  EXPECT_LT(correct, 190);
}

}  // namespace
}  // namespace outerloop::data
