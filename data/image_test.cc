#include "data/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

namespace outerloop::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 10 x 2 pixels of one bit, as Omniglot's drawings are: rows 1010101010 and 1111100000.
const std::vector<uint8_t> kOneBitPng = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0x00, 0x49,
    0x1a, 0x70, 0x7d, 0x00, 0x00, 0x00, 0x0e, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x58,
    0xd5, 0xc0, 0xf0, 0x83, 0x01, 0x00, 0x07, 0x48, 0x02, 0x23, 0xba, 0x41, 0x91, 0xe9, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
constexpr size_t kHeaderBytes = 33;  // Signature and IHDR.

void AppendBigEndian(uint32_t value, std::vector<uint8_t>& bytes) {
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<uint8_t>(value >> shift));
}

// A zlib stream of `runs` x 258 zeros and one more, 13 bits a run (RFC 1951, 3.2.6).
std::vector<uint8_t> Bomb(int runs) {
  std::string bits = "110";                                // Last block, fixed codes.
  bits += "00110000";                                      // A zero.
  for (int i = 0; i < runs; ++i) bits += "1100010100000";  // 258 more, from 1 back.
  bits += "0000000";                                       // End of block.
  std::vector<uint8_t> bytes = {0x78, 0x9c};
  bytes.resize(2 + (bits.size() + 7) / 8);
  for (size_t i = 0; i < bits.size(); ++i) {
    if (bits[i] == '1') bytes[2 + i / 8] |= static_cast<uint8_t>(1 << (i % 8));
  }
  return bytes;
}

// kOneBitPng with `data` in place of its pixels.
std::vector<uint8_t> PngOf(const std::vector<uint8_t>& data) {
  std::vector<uint8_t> png(kOneBitPng.begin(), kOneBitPng.begin() + kHeaderBytes);
  AppendBigEndian(static_cast<uint32_t>(data.size()), png);
  for (const char c : std::string_view("IDAT")) png.push_back(static_cast<uint8_t>(c));
  png.insert(png.end(), data.begin(), data.end());
  AppendBigEndian(0, png);  // Checksum, which the decoder does not look at.
  png.insert(png.end(), kOneBitPng.end() - 12, kOneBitPng.end());
  return png;
}

std::string ErrorOf(std::span<const uint8_t> bytes, uint32_t max_side = 105) {
  const auto image = DecodePng(bytes, max_side);
  EXPECT_TRUE(absl::IsInvalidArgument(image.status())) << image.status();
  return std::string(image.status().message());
}

TEST(DecodePng, TurnsOneBitIntoBlackAndWhite) {
  const auto image = DecodePng(kOneBitPng, 105);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->height, 2u);
  EXPECT_EQ(image->width, 10u);
  EXPECT_THAT(image->pixels, ElementsAre(255, 0, 255, 0, 255, 0, 255, 0, 255, 0,  //
                                         255, 255, 255, 255, 255, 0, 0, 0, 0, 0));
}

TEST(DecodePng, RefusesWhatIsNoImage) {
  const std::string text = "this is no image";
  EXPECT_THAT(ErrorOf({reinterpret_cast<const uint8_t*>(text.data()), text.size()}),
              HasSubstr("no PNG image"));
  EXPECT_THAT(ErrorOf({}), HasSubstr("no PNG image"));
}

TEST(DecodePng, RefusesAnImageCutOffWithinItsPixels) {
  for (size_t size = 0; size + 16 < kOneBitPng.size(); ++size) {  // 16: checksum and IEND.
    const std::vector<uint8_t> cut(kOneBitPng.begin(), kOneBitPng.begin() + size);
    EXPECT_THAT(ErrorOf(cut), HasSubstr("no PNG image")) << size;
  }
}

TEST(DecodePng, RefusesAnImageLargerThanAllowed) {
  EXPECT_EQ(ErrorOf(kOneBitPng, 9), "an image of 10x2 pixels; at most 9x9 are allowed");
  std::vector<uint8_t> huge = kOneBitPng;
  huge[16] = huge[20] = 0x7f;  // Sides of more than 2^30.
  ErrorOf(huge);
}

TEST(DecodePng, RefusesDataThatUnfoldWithoutEnd) {
  EXPECT_TRUE(DecodePng(PngOf(Bomb(/*runs=*/100)), 105).ok());
  EXPECT_THAT(ErrorOf(PngOf(Bomb(/*runs=*/300000))), HasSubstr("outofmem"));  // 77 MB.
}

TEST(DecodePng, SurvivesSpoiltBytes) {
  for (size_t i = 0; i < kOneBitPng.size(); ++i) {
    for (const uint8_t flip : {0x01, 0x80, 0x5a, 0xff}) {
      std::vector<uint8_t> spoilt = kOneBitPng;
      spoilt[i] ^= flip;
      const auto image = DecodePng(spoilt, 105);
      if (image.ok()) {
        EXPECT_EQ(image->pixels.size(), size_t{image->height} * image->width);
      }
    }
  }
}

TEST(ShrinkByArea, CopiesAnImageOfTheSameSize) {
  const GreyImage image{.height = 2, .width = 3, .pixels = {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(ShrinkByArea(image, 2, 3), image);
}

TEST(ShrinkByArea, AveragesWholeBlocks) {
  const GreyImage image{.height = 2, .width = 4, .pixels = {0, 4, 255, 255, 8, 8, 255, 254}};
  EXPECT_THAT(ShrinkByArea(image, 1, 2).pixels, ElementsAre(5, 255));
}

TEST(ShrinkByArea, SharesPixelsOnBorders) {
  const GreyImage image{.height = 1, .width = 3, .pixels = {30, 60, 240}};
  EXPECT_THAT(ShrinkByArea(image, 1, 2).pixels, ElementsAre(40, 180));  // (30 + 60/2) / 1.5, ..
}

// An independent reference, in floating point, at Omniglot's factor of 3.75.
TEST(ShrinkByArea, EqualsTheIntegralOverEachPixel) {
  GreyImage image{.height = 105, .width = 105, .pixels = std::vector<uint8_t>(105 * 105)};
  std::mt19937 random(7);
  for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(random());
  const GreyImage shrunk = ShrinkByArea(image, 28, 28);
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
