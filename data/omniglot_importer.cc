#include "data/omniglot_importer.h"

#include <algorithm>
#include <atomic>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "data/omniglot_drawings.h"
#include "data/png_decoder.h"
#include "data/shrink.h"

namespace outerloop::data {
namespace {

constexpr uint64_t kMaxPixels = uint64_t{1}
                                << 20;  // Of a drawing; the official ones have 105 x 105.
constexpr uint64_t kDrawingsPerReport = 256;

template <typename... Parts>
absl::Status Bad(const OmniglotDrawing& drawing, const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(drawing.file, ": ", parts...));
}

absl::StatusOr<Raster> Decode(const OmniglotDrawing& drawing) {
  const std::string& png = drawing.png;
  absl::StatusOr<Raster> image =
      DecodePngFile({reinterpret_cast<const uint8_t*>(png.data()), png.size()},
                    {.channels = 1, .max_pixels = kMaxPixels});
  if (!image.ok()) return Bad(drawing, image.status().message());
  return image;
}

// Decodes, inverts and shrinks drawings on all cores.
class Shrinker {
 public:
  Shrinker(std::span<const OmniglotDrawing> drawings, const OmniglotOptions& options)
      : drawings_(drawings),
        options_(options),
        image_bytes_(size_t{options.size} * options.size),
        pixels_(drawings.size() * image_bytes_) {}

  // [drawings, size, size]. Of several errors, that of the first drawing.
  absl::StatusOr<std::vector<uint8_t>> Run() {
    ASSIGN_OR_RETURN(const Raster first, Decode(drawings_[0]));
    height_ = first.height;
    width_ = first.width;
    if (std::min(height_, width_) < options_.size) {
      return Bad(drawings_[0], "an image of ", width_, "x", height_, " pixels; at least ",
                 options_.size, "x", options_.size, " are needed");
    }
    RETURN_IF_ERROR(RunOnAllCores());
    if (options_.progress) options_.progress(drawings_.size(), drawings_.size());
    return std::move(pixels_);
  }

 private:
  // A thread takes one run of drawings and stops at its first error, so the first error of the
  // first run that has one is the first of all.
  absl::Status RunOnAllCores() {
    const size_t threads = std::max(1u, std::thread::hardware_concurrency());
    const size_t run = (drawings_.size() + threads - 1) / threads;
    std::vector<absl::Status> results(threads);
    std::vector<std::thread> others;
    for (size_t i = 1; i < threads; ++i) {
      others.emplace_back([this, i, run, &results] { results[i] = RunRange(i * run, run, false); });
    }
    results[0] = RunRange(0, run, /*report=*/true);
    for (std::thread& other : others) other.join();
    for (const absl::Status& result : results) RETURN_IF_ERROR(result);
    return absl::OkStatus();
  }

  absl::Status RunRange(size_t begin, size_t count, bool report) {
    const size_t end = std::min(begin + count, drawings_.size());
    for (size_t i = begin; i < end; ++i) {
      RETURN_IF_ERROR(RunOne(i));
      const uint64_t done = done_.fetch_add(1, std::memory_order_relaxed) + 1;
      if (report && options_.progress && i % kDrawingsPerReport == 0) {
        options_.progress(done, drawings_.size());
      }
    }
    return absl::OkStatus();
  }

  absl::Status RunOne(size_t i) {
    ASSIGN_OR_RETURN(Raster image, Decode(drawings_[i]));
    if (image.height != height_ || image.width != width_) {
      return Bad(drawings_[i], "an image of ", image.width, "x", image.height,
                 " pixels; the first drawing has ", width_, "x", height_);
    }
    for (uint8_t& pixel : image.pixels) pixel = 255 - pixel;  // Ink is black in the archives.
    const Raster shrunk = ShrinkByArea(image, options_.size, options_.size);
    std::copy(shrunk.pixels.begin(), shrunk.pixels.end(), pixels_.begin() + i * image_bytes_);
    return absl::OkStatus();
  }

  const std::span<const OmniglotDrawing> drawings_;
  const OmniglotOptions& options_;
  const size_t image_bytes_;
  uint32_t height_ = 0;  // Of every drawing.
  uint32_t width_ = 0;
  std::vector<uint8_t> pixels_;  // Each thread writes its own drawings' part.
  std::atomic<uint64_t> done_ = 0;
};

DatasetBuilder Build(std::span<const OmniglotDrawing> drawings, std::span<const uint8_t> pixels,
                     uint32_t size) {
  DatasetBuilder builder(/*channels=*/1, size, size);
  const size_t image_bytes = builder.index().image_bytes();
  for (size_t i = 0; i < drawings.size(); ++i) {
    const OmniglotPath& path = drawings[i].path;
    if (StartsCharacter(drawings, i)) builder.AddClass(path.character, path.root);
    builder.AddImage(pixels.subspan(i * image_bytes, image_bytes));
  }
  return builder;
}

}  // namespace

absl::StatusOr<DatasetBuilder> ImportOmniglot(const std::string& folder,
                                              const OmniglotOptions& options) {
  if (options.size < 8 || options.size > 105) {
    return absl::InvalidArgumentError(
        absl::StrCat("size: ", options.size, " pixels are not possible; 8 to 105 are allowed"));
  }
  ASSIGN_OR_RETURN(const std::vector<OmniglotDrawing> drawings, ReadOmniglotDrawings(folder));
  ASSIGN_OR_RETURN(const std::vector<uint8_t> pixels, Shrinker(drawings, options).Run());
  return Build(drawings, pixels, options.size);
}

}  // namespace outerloop::data
