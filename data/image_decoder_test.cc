#include "data/image_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "data/png_decoder.h"
#include "data/test_image.h"

namespace outerloop::data {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<uint8_t> AsVector(const std::string& file) { return {file.begin(), file.end()}; }

absl::StatusOr<Raster> Decode(const std::string& file, const DecodeOptions& options = {}) {
  return DecodeImage(AsVector(file), options);  // A heap block of its own: ASan sees.
}

std::string ErrorOf(const std::string& file, const DecodeOptions& options = {}) {
  const auto image = Decode(file, options);
  EXPECT_TRUE(absl::IsInvalidArgument(image.status())) << image.status();
  return std::string(image.status().message());
}

std::string Png(const Raster& image) { return *EncodePngFile(image); }

// Lossy coding is near the image.
void ExpectNear(const Raster& actual, const Raster& expected, int tolerance) {
  ASSERT_EQ(actual.pixels.size(), expected.pixels.size());
  int worst = 0;
  for (size_t i = 0; i < actual.pixels.size(); ++i) {
    worst = std::max(worst, std::abs(actual.pixels[i] - expected.pixels[i]));
  }
  EXPECT_LE(worst, tolerance);
}

// 10 x 2 pixels of one bit, as Omniglot's drawings are: rows 1010101010 and 1111100000.
const std::vector<uint8_t> kOneBitPng = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0x00, 0x49,
    0x1a, 0x70, 0x7d, 0x00, 0x00, 0x00, 0x0e, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x58,
    0xd5, 0xc0, 0xf0, 0x83, 0x01, 0x00, 0x07, 0x48, 0x02, 0x23, 0xba, 0x41, 0x91, 0xe9, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

TEST(DecodeImage, TurnsOneBitIntoBlackAndWhite) {
  const auto image = DecodeImage(kOneBitPng, {.channels = 1});
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->height, 2u);
  EXPECT_EQ(image->width, 10u);
  EXPECT_THAT(image->pixels, ElementsAre(255, 0, 255, 0, 255, 0, 255, 0, 255, 0,  //
                                         255, 255, 255, 255, 255, 0, 0, 0, 0, 0));
}

TEST(DecodeImage, GivesThePixelsOfAPng) {
  const Raster colour = SmoothImage(5, 7, 3);
  EXPECT_EQ(*Decode(Png(colour)), colour);
  const Raster grey = SmoothImage(5, 7, 1);
  EXPECT_EQ(*Decode(Png(grey), {.channels = 1}), grey);
}

TEST(DecodeImage, GivesThePixelsOfAJpegNearly) {
  for (const bool progressive : {false, true}) {
    const Raster image = SmoothImage(40, 56, 3);
    const auto decoded = Decode(EncodeJpeg(image, {.quality = 98, .progressive = progressive}));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    ExpectNear(*decoded, image, 6);
  }
}

TEST(DecodeImage, TurnsGreyIntoColourAndColourIntoGrey) {
  const Raster grey{.height = 1, .width = 2, .channels = 1, .pixels = {10, 200}};
  EXPECT_THAT(Decode(Png(grey))->pixels, ElementsAre(10, 10, 10, 200, 200, 200));
  const Raster colour{
      .height = 1, .width = 3, .channels = 3, .pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255}};
  // ITU-R 601: 0.299, 0.587, 0.114.
  EXPECT_THAT(Decode(Png(colour), {.channels = 1})->pixels, ElementsAre(76, 150, 29));
  const Raster flat{
      .height = 8, .width = 8, .channels = 3, .pixels = std::vector<uint8_t>(8 * 8 * 3, 120)};
  ExpectNear(*Decode(EncodeJpeg(flat), {.channels = 1}),
             {.height = 8, .width = 8, .channels = 1, .pixels = std::vector<uint8_t>(64, 120)}, 2);
}

TEST(DecodeImage, TakesInksForColours) {
  // Cyan alone takes the red away.
  const auto cyan = Decode(EncodeCmykJpeg(8, 8, {255, 0, 0, 0}));
  ASSERT_TRUE(cyan.ok()) << cyan.status();
  EXPECT_LE(cyan->pixels[0], 3);
  EXPECT_GE(cyan->pixels[1], 252);
  EXPECT_GE(cyan->pixels[2], 252);
  // Half black is half of white.
  const auto half = Decode(EncodeCmykJpeg(8, 8, {0, 0, 0, 128}), {.channels = 1});
  ASSERT_TRUE(half.ok()) << half.status();
  EXPECT_NEAR(half->pixels[0], 127, 3);
}

// 2x1 pixels: red with alpha 0, black with alpha 128.
const std::vector<uint8_t> kTransparentPng = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00,
    0x00, 0xf4, 0x22, 0x7f, 0x8a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78,
    0xda, 0x63, 0xf8, 0xcf, 0x00, 0x06, 0x0d, 0x00, 0x08, 0x81, 0x01, 0x80, 0xb7, 0xf6,
    0x01, 0x8e, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

TEST(DecodeImage, LaysTransparentPixelsOverWhite) {
  const auto image = DecodeImage(kTransparentPng, {});
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_THAT(image->pixels, ElementsAre(255, 255, 255, 127, 127, 127));
}

TEST(DecodeImage, ReducesAJpegThatHasMoreThanEnough) {
  const std::string file = EncodeJpeg(SmoothImage(400, 640, 3));
  const auto quarter = Decode(file, {.enough_height = 100, .enough_width = 100});
  ASSERT_TRUE(quarter.ok()) << quarter.status();
  EXPECT_EQ(quarter->height, 100u);
  EXPECT_EQ(quarter->width, 160u);
  EXPECT_EQ(Decode(file, {.enough_height = 101, .enough_width = 100})->height, 200u);
  EXPECT_EQ(Decode(file, {.enough_height = 10, .enough_width = 1})->height, 50u);
  EXPECT_EQ(Decode(file)->height, 400u);
}

TEST(DecodeImage, RefusesMorePixelsThanAreAllowedBeforeItDecodes) {
  for (const std::string& file :
       {Png(SmoothImage(10, 10, 3)), EncodeJpeg(SmoothImage(10, 10, 3))}) {
    EXPECT_TRUE(Decode(file, {.max_pixels = 100}).ok());
    EXPECT_THAT(ErrorOf(file, {.max_pixels = 99}), HasSubstr("10x10 pixels; 1 to 99"));
    // Only the header is there: what follows was not needed to refuse it.
    const std::string head = file.substr(0, file.size() - 20);
    EXPECT_THAT(ErrorOf(head, {.max_pixels = 99}), HasSubstr("10x10 pixels; 1 to 99"));
  }
}

// A header that claims 60000 x 60000 pixels, and a few bytes of data.
TEST(DecodeImage, RefusesADecompressionBomb) {
  std::string jpeg = EncodeJpeg(SmoothImage(8, 8, 3));
  const size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(frame, jpeg.npos);
  jpeg.replace(frame + 5, 4, "\xea\x60\xea\x60");
  EXPECT_THAT(ErrorOf(jpeg), HasSubstr("60000x60000 pixels"));
}

TEST(DecodeImage, RefusesAFileCutOffAnywhere) {
  const auto expect_refused = [](const std::string& file, size_t end) {
    for (size_t size = 0; size < end; ++size) {
      EXPECT_FALSE(Decode(file.substr(0, size)).ok()) << size << " of " << file.size();
    }
  };
  const std::string png = Png(SmoothImage(6, 6, 3));
  expect_refused(png, png.size() - 20);  // Checksum and end are not needed for the pixels.
  for (const bool progressive : {false, true}) {
    const std::string jpeg =
        EncodeJpeg(SmoothImage(20, 20, 3), {.quality = 90, .progressive = progressive});
    expect_refused(jpeg, jpeg.size() - 1);
  }
}

TEST(DecodeImage, SurvivesEveryFlippedByte) {
  for (const std::string& file :
       {Png(SmoothImage(6, 6, 3)), EncodeJpeg(SmoothImage(20, 20, 3)),
        EncodeJpeg(SmoothImage(20, 20, 3), {.quality = 90, .progressive = true})}) {
    for (size_t i = 0; i < file.size(); ++i) {
      std::string spoilt = file;
      spoilt[i] = static_cast<char>(spoilt[i] ^ 0x5a);
      const auto image = Decode(spoilt, {.max_pixels = 10'000});
      if (image.ok()) {
        EXPECT_EQ(image->pixels.size(), size_t{image->height} * image->width * 3);
      }
    }
  }
}

TEST(DecodeImage, RefusesWhatIsNoImage) {
  EXPECT_EQ(ErrorOf(""), "an empty file");
  EXPECT_THAT(ErrorOf("GIF89a and so on"), HasSubstr("neither a PNG nor a JPEG"));
  EXPECT_THAT(ErrorOf("just text"), HasSubstr("neither a PNG nor a JPEG"));
  EXPECT_THAT(ErrorOf("\xff\xd8\xff and nothing of use"), HasSubstr("a broken JPEG"));
  EXPECT_THAT(ErrorOf("\x89PNG\r\n\x1a\n and nothing of use"), HasSubstr("a broken PNG"));
}

TEST(DecodeImage, RefusesAJpegWithScansWithoutEnd) {
  std::string jpeg = EncodeJpeg(SmoothImage(64, 64, 1), {.quality = 50, .progressive = true});
  // The first scan of the file again and again: valid each time to a decoder that only counts.
  const size_t scan = jpeg.find("\xff\xda");
  const size_t end = jpeg.find("\xff\xc4", scan + 2);
  ASSERT_NE(end, jpeg.npos);
  std::string repeated;
  for (int i = 0; i < 600; ++i) repeated += jpeg.substr(scan, end - scan);
  jpeg.insert(end, repeated);
  EXPECT_THAT(ErrorOf(jpeg), AnyOf(HasSubstr("too many scans"), HasSubstr("a broken JPEG")));
}

}  // namespace
}  // namespace outerloop::data
