// JPEG files, by libjpeg-turbo.
#ifndef OUTERLOOP_DATA_JPEG_DECODER_H_
#define OUTERLOOP_DATA_JPEG_DECODER_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "data/image_decoder.h"
#include "data/raster.h"

namespace outerloop::data {

// Whether `bytes` begin as a JPEG file does.
bool IsJpeg(std::span<const uint8_t> bytes);

// As DecodeImage. Baseline and progressive files; grey, YCbCr, RGB, CMYK and YCCK. Reduces by the
// scaled inverse DCT. What libjpeg warns of is an error, but for bytes between segments, which
// cameras leave. At most 500 scans: a small file with more can take minutes.
absl::StatusOr<Raster> DecodeJpeg(std::span<const uint8_t> bytes, const DecodeOptions& options);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_JPEG_DECODER_H_
