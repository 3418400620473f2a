#include "data/image_decoder.h"

#include "absl/strings/str_cat.h"
#include "data/jpeg_decoder.h"
#include "data/png_decoder.h"

namespace outerloop::data {

absl::StatusOr<Raster> DecodeImage(std::span<const uint8_t> bytes, const DecodeOptions& options) {
  if (bytes.empty()) return absl::InvalidArgumentError("an empty file");
  if (IsJpeg(bytes)) return DecodeJpeg(bytes, options);
  if (IsPng(bytes)) return DecodePngFile(bytes, options);
  return absl::InvalidArgumentError("neither a PNG nor a JPEG image");
}

absl::Status CheckPixels(uint32_t height, uint32_t width, uint64_t max_pixels) {
  const uint64_t pixels = uint64_t{height} * width;
  if (pixels >= 1 && pixels <= max_pixels) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("an image of ", width, "x", height,
                                                 " pixels; 1 to ", max_pixels,
                                                 " pixels are allowed (--max-pixels)"));
}

}  // namespace outerloop::data
