#include "data/jpeg_decoder.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h needs it.
#include <string>
#include <utility>

#include <jerror.h>
#include <jpeglib.h>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace outerloop::data {
namespace {

constexpr int kMaxScans = 500;
constexpr uint32_t kMaxReduction = 8;

// libjpeg reports errors by a function that must not return: it jumps back to Try. So what runs
// under Try keeps no object that needs a destructor.
class JpegDecoder {
 public:
  JpegDecoder(std::span<const uint8_t> bytes, const DecodeOptions& options)
      : bytes_(bytes), options_(options) {
    codec_.err = jpeg_std_error(&errors_);
    codec_.client_data = this;
    errors_.error_exit = OnError;
    errors_.emit_message = OnMessage;
    progress_.progress_monitor = OnProgress;
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&codec_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  absl::StatusOr<Raster> Decode() {
    if (!Try([this] { ReadHeader(); })) return Broken();
    RETURN_IF_ERROR(CheckPixels(codec_.image_height, codec_.image_width, options_.max_pixels));
    ChooseOutput();
    if (!Try([this] { jpeg_start_decompress(&codec_); })) return Broken();
    Raster raster{.height = codec_.output_height,
                  .width = codec_.output_width,
                  .channels = static_cast<uint32_t>(codec_.output_components),
                  .pixels = {}};
    raster.pixels.resize(size_t{raster.height} * row_bytes());
    if (!Try([this, pixels = raster.pixels.data()] { ReadRows(pixels); })) return Broken();
    if (codec_.out_color_space == JCS_CMYK) return FromCmyk(raster);
    return raster;
  }

 private:
  // Whether `step` came to its end.
  template <typename Step>
  bool Try(Step step) {
    if (setjmp(jump_) != 0) return false;
    step();
    return true;
  }

  void ReadHeader() {
    jpeg_create_decompress(&codec_);
    codec_.progress = &progress_;
    jpeg_mem_src(&codec_, bytes_.data(), bytes_.size());
    jpeg_read_header(&codec_, /*require_image=*/TRUE);
  }

  void ChooseOutput() {
    const bool is_cmyk = codec_.jpeg_color_space == JCS_CMYK || codec_.jpeg_color_space == JCS_YCCK;
    const J_COLOR_SPACE wanted = options_.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    codec_.out_color_space = is_cmyk ? JCS_CMYK : wanted;
    uint32_t reduction = 1;
    while (reduction < kMaxReduction &&
           codec_.image_height / (2 * reduction) >= options_.enough_height &&
           codec_.image_width / (2 * reduction) >= options_.enough_width) {
      reduction *= 2;
    }
    codec_.scale_num = 1;
    codec_.scale_denom = reduction;
  }

  size_t row_bytes() const { return size_t{codec_.output_width} * codec_.output_components; }

  void ReadRows(uint8_t* pixels) {
    while (codec_.output_scanline < codec_.output_height) {
      JSAMPROW row = pixels + codec_.output_scanline * row_bytes();
      jpeg_read_scanlines(&codec_, &row, 1);
    }
    jpeg_finish_decompress(&codec_);
  }

  // Programs of Adobe's, who write nearly all such files, store the complement of each ink.
  Raster FromCmyk(const Raster& cmyk) const {
    Raster raster{
        .height = cmyk.height, .width = cmyk.width, .channels = options_.channels, .pixels = {}};
    raster.pixels.reserve(cmyk.pixels.size() / 4 * options_.channels);
    const uint8_t flip = codec_.saw_Adobe_marker ? 0 : 255;
    for (size_t i = 0; i < cmyk.pixels.size(); i += 4) {
      uint8_t rgb[3];
      const int black = cmyk.pixels[i + 3] ^ flip;
      for (int c = 0; c < 3; ++c) {
        rgb[c] = static_cast<uint8_t>(((cmyk.pixels[i + c] ^ flip) * black + 127) / 255);
      }
      if (options_.channels == 1) {
        raster.pixels.push_back(Luma(rgb[0], rgb[1], rgb[2]));
      } else {
        raster.pixels.insert(raster.pixels.end(), rgb, rgb + 3);
      }
    }
    return raster;
  }

  absl::Status Broken() {
    char reason[JMSG_LENGTH_MAX] = "too many scans";
    if (!too_many_scans_) errors_.format_message(common(), reason);
    return absl::InvalidArgumentError(absl::StrCat("a broken JPEG image (", reason, ")"));
  }

  j_common_ptr common() { return reinterpret_cast<j_common_ptr>(&codec_); }

  static JpegDecoder& Of(j_common_ptr codec) {
    return *static_cast<JpegDecoder*>(codec->client_data);
  }
  [[noreturn]] static void OnError(j_common_ptr codec) { std::longjmp(Of(codec).jump_, 1); }
  // Level -1 is a warning: the image would have a part that is made up.
  static void OnMessage(j_common_ptr codec, int level) {
    if (level == -1 && codec->err->msg_code != JWRN_EXTRANEOUS_DATA) OnError(codec);
  }
  static void OnProgress(j_common_ptr codec) {
    if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number <= kMaxScans) return;
    Of(codec).too_many_scans_ = true;
    OnError(codec);
  }

  const std::span<const uint8_t> bytes_;
  const DecodeOptions& options_;
  jpeg_decompress_struct codec_ = {};
  jpeg_error_mgr errors_ = {};
  jpeg_progress_mgr progress_ = {};
  std::jmp_buf jump_;
  bool too_many_scans_ = false;
};

}  // namespace

bool IsJpeg(std::span<const uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff;
}

absl::StatusOr<Raster> DecodeJpeg(std::span<const uint8_t> bytes, const DecodeOptions& options) {
  return JpegDecoder(bytes, options).Decode();
}

}  // namespace outerloop::data
