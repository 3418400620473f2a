#include "data/test_image.h"

#include <cstdio>  // jpeglib.h needs it.
#include <cstdlib>
#include <vector>

#include <jpeglib.h>

namespace outerloop::data {
namespace {

// `pixels` is [height, width, components].
std::string Encode(const Raster& image, J_COLOR_SPACE space, const JpegForm& form) {
  jpeg_compress_struct codec = {};
  jpeg_error_mgr errors = {};
  codec.err = jpeg_std_error(&errors);  // Ends the process at an error.
  jpeg_create_compress(&codec);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &bytes, &size);
  codec.image_height = image.height;
  codec.image_width = image.width;
  codec.input_components = static_cast<int>(image.channels);
  codec.in_color_space = space;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, form.quality, /*force_baseline=*/TRUE);
  if (form.progressive) jpeg_simple_progression(&codec);
  jpeg_start_compress(&codec, /*write_all_tables=*/TRUE);
  const size_t row_bytes = size_t{image.width} * image.channels;
  while (codec.next_scanline < codec.image_height) {
    JSAMPROW row = const_cast<uint8_t*>(&image.pixels[codec.next_scanline * row_bytes]);
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  std::string file(reinterpret_cast<char*>(bytes), size);
  jpeg_destroy_compress(&codec);
  std::free(bytes);
  return file;
}

}  // namespace

Raster SmoothImage(uint32_t height, uint32_t width, uint32_t channels, uint32_t seed) {
  Raster image{.height = height, .width = width, .channels = channels, .pixels = {}};
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      for (uint32_t c = 0; c < channels; ++c) {
        const uint32_t value = 20 + 100 * y / height + 100 * x / width + 30 * c / 3 + 7 * seed;
        image.pixels.push_back(static_cast<uint8_t>(value % 256));
      }
    }
  }
  return image;
}

std::string EncodeJpeg(const Raster& image, const JpegForm& form) {
  return Encode(image, image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB, form);
}

std::string EncodeCmykJpeg(uint32_t height, uint32_t width, const uint8_t (&inks)[4]) {
  Raster image{.height = height, .width = width, .channels = 4, .pixels = {}};
  for (uint32_t i = 0; i < height * width; ++i) {
    for (const uint8_t ink : inks) image.pixels.push_back(static_cast<uint8_t>(255 - ink));
  }
  return Encode(image, JCS_CMYK, {});
}

}  // namespace outerloop::data
