#include "client/report/inline_image.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/report/html.h"
#include "data/png_decoder.h"

namespace outerloop::client {
namespace {

// About so many pixels of the page is an image's longer side.
constexpr uint32_t kSide = 60;

data::Raster RasterOf(const std::string& pixels, uint32_t height, uint32_t width,
                      uint32_t channels) {
  data::Raster raster{
      .height = height, .width = width, .channels = channels == 3 ? 3u : 1u, .pixels = {}};
  for (size_t pixel = 0; pixel < pixels.size(); pixel += channels) {
    const char* const values = &pixels[pixel];
    raster.pixels.insert(raster.pixels.end(), values, values + raster.channels);
  }
  return raster;
}

}  // namespace

std::string InlineImage(const std::string& pixels, uint32_t height, uint32_t width,
                        uint32_t channels, const std::string& description) {
  const uint32_t side = std::max(height, width);
  const bool fits = !pixels.empty() && pixels.size() == size_t{height} * width * channels;
  if (!fits) return "";
  const auto png = data::EncodePngFile(RasterOf(pixels, height, width, channels));
  if (!png.ok()) return "";
  const uint32_t factor = std::max(1u, kSide / side);
  return absl::StrCat("<img", factor > 1 ? " class=\"pixels\"" : "", " width=\"", factor * width,
                      "\" height=\"", factor * height, "\" alt=\"", EscapeHtml(description),
                      "\" src=\"data:image/png;base64,", absl::Base64Escape(*png), "\">");
}

}  // namespace outerloop::client
