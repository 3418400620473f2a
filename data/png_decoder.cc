#include "data/png_decoder.h"

#include <png.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace outerloop::data {
namespace {

// libpng's image of one file.
class PngImage {
 public:
  PngImage() { image_.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image_); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;

  png_image& operator*() { return image_; }
  png_image* operator->() { return &image_; }

  absl::Status Broken() const {
    return absl::InvalidArgumentError(absl::StrCat("a broken PNG image (", image_.message, ")"));
  }

  // The pixels, [height, width, components of `format`].
  absl::StatusOr<std::vector<uint8_t>> Read(png_uint_32 format) {
    image_.format = format;
    image_.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(image_));
    if (png_image_finish_read(&image_, /*background=*/nullptr, pixels.data(), /*row_stride=*/0,
                              /*colormap=*/nullptr) == 0) {
      return Broken();
    }
    return pixels;
  }

 private:
  png_image image_ = {};
};

// A component over white.
uint8_t OverWhite(uint8_t value, uint8_t alpha) {
  return static_cast<uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

// `rgba` is [.., 4]; the result is [.., channels].
std::vector<uint8_t> Flatten(const std::vector<uint8_t>& rgba, uint32_t channels) {
  std::vector<uint8_t> pixels(rgba.size() / 4 * channels);
  for (size_t from = 0, to = 0; from < rgba.size(); from += 4, to += channels) {
    uint8_t rgb[3];
    for (int c = 0; c < 3; ++c) rgb[c] = OverWhite(rgba[from + c], rgba[from + 3]);
    if (channels == 1) {
      pixels[to] = Luma(rgb[0], rgb[1], rgb[2]);
    } else {
      std::copy(rgb, rgb + 3, &pixels[to]);
    }
  }
  return pixels;
}

}  // namespace

bool IsPng(std::span<const uint8_t> bytes) {
  return bytes.size() >= 8 && png_sig_cmp(bytes.data(), 0, 8) == 0;
}

absl::StatusOr<Raster> DecodePngFile(std::span<const uint8_t> bytes, const DecodeOptions& options) {
  PngImage image;
  if (png_image_begin_read_from_memory(&*image, bytes.data(), bytes.size()) == 0) {
    return image.Broken();
  }
  RETURN_IF_ERROR(CheckPixels(image->height, image->width, options.max_pixels));
  Raster raster{
      .height = image->height, .width = image->width, .channels = options.channels, .pixels = {}};
  const bool grey = (image->format & (PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)) == 0;
  if (grey && options.channels == 1) {
    ASSIGN_OR_RETURN(raster.pixels, image.Read(PNG_FORMAT_GRAY));
  } else {
    // libpng would weigh the components of a grey value in linear light; we weigh them as JPEG
    // does.
    ASSIGN_OR_RETURN(const std::vector<uint8_t> rgba, image.Read(PNG_FORMAT_RGBA));
    raster.pixels = Flatten(rgba, options.channels);
  }
  return raster;
}

absl::StatusOr<std::string> EncodePngFile(const Raster& raster) {
  PngImage image;
  image->height = raster.height;
  image->width = raster.width;
  image->format = raster.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(*image);
  std::string png(size, '\0');
  if (png_image_write_to_memory(&*image, png.data(), &size, /*convert_to_8_bit=*/0,
                                raster.pixels.data(), /*row_stride=*/0,
                                /*colormap=*/nullptr) == 0) {
    return absl::InternalError(absl::StrCat("cannot write a PNG image: ", image->message));
  }
  png.resize(size);
  return png;
}

}  // namespace outerloop::data
