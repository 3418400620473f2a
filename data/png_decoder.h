// PNG files, by libpng.
#ifndef OUTERLOOP_DATA_PNG_DECODER_H_
#define OUTERLOOP_DATA_PNG_DECODER_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "data/image_decoder.h"
#include "data/raster.h"

namespace outerloop::data {

// Whether `bytes` begin as a PNG file does.
bool IsPng(std::span<const uint8_t> bytes);

// As DecodeImage. All kinds of PNG; never reduced. A gamma that the file states is undone to sRGB;
// without one, values are taken for sRGB, whatever their bits.
absl::StatusOr<Raster> DecodePngFile(std::span<const uint8_t> bytes, const DecodeOptions& options);

// `raster` as a PNG file, the same bytes each time with one version of the libraries.
absl::StatusOr<std::string> EncodePngFile(const Raster& raster);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_PNG_DECODER_H_
