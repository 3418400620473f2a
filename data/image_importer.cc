#include "data/image_importer.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/bounded_pool.h"
#include "common/status_macros.h"
#include "data/dataset_writer.h"
#include "data/file_source.h"
#include "data/image_decoder.h"
#include "data/planes.h"
#include "data/resize.h"

namespace outerloop::data {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr uint64_t kReadAheadBytes = uint64_t{32} << 20;  // Read and not decoded yet, in all.
constexpr uint64_t kImagesPerReport = 64;
// A thread is woken for so many images, or for so many bytes.
constexpr size_t kBatchImages = 16;
constexpr uint64_t kBatchBytes = uint64_t{1} << 20;
constexpr uint32_t kNoRow = std::numeric_limits<uint32_t>::max();
// Before resizing, an image has at least so many times as many pixels along a side: a reduced
// decoder's own filter then shows little.
constexpr uint32_t kEnough = 2;

std::span<const uint8_t> AsBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// What was done to the images, for people. Without paths: the same images give the same bytes.
std::string ProvenanceOf(const ImageImportOptions& options, const DatasetIndex& index) {
  std::string text = "images of ";
  for (size_t i = 0; i < options.listing.roots.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", BaseName(options.listing.roots[i]));
  }
  absl::StrAppend(&text, index.channels == 1 ? "; grey" : "; colour");
  if (options.height == 0) return text;
  return absl::StrCat(text, options.crop_to_centre ? "; cropped to the centre, " : "; ",
                      "resized to ", index.width, "x", index.height, " by a triangle filter");
}

// Calls `take` with every image of `listing`, root by root in the order of their sources, and its
// row; `read` gives its content. Stops at an error.
template <typename Take>
absl::Status ForEachImage(const std::vector<std::string>& roots, const ImageListing& listing,
                          Take take) {
  for (uint32_t root = 0; root < roots.size(); ++root) {
    std::vector<uint32_t> rows;  // By ordinal.
    for (uint32_t row = 0; row < listing.images.size(); ++row) {
      const ListedImage& image = listing.images[row];
      if (image.root != root) continue;
      if (rows.size() <= image.ordinal) rows.resize(image.ordinal + 1, kNoRow);
      rows[image.ordinal] = row;
    }
    ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> source, OpenFileSource(roots[root]));
    for (uint64_t ordinal = 0; ordinal < rows.size(); ++ordinal) {
      ASSIGN_OR_RETURN(const std::optional<SourceEntry> entry, source->Next());
      if (rows[ordinal] == kNoRow && entry) continue;
      if (!entry || !entry->problem.empty() || entry->path != listing.images[rows[ordinal]].path) {
        return absl::AbortedError(
            absl::StrCat(roots[root], ": changed while it was read; import it again"));
      }
      RETURN_IF_ERROR(take(rows[ordinal], *source));
    }
  }
  return absl::OkStatus();
}

// Decodes, crops and resizes one image. Thread-safe.
class Converter {
 public:
  explicit Converter(const ImageImportOptions& options) : options_(options) {}

  absl::StatusOr<Raster> Decode(const std::string& bytes, uint32_t height, uint32_t width) const {
    DecodeOptions decode{.channels = options_.channels, .max_pixels = options_.max_pixels};
    if (options_.height != 0) {
      decode.enough_height = kEnough * height;
      decode.enough_width = kEnough * width;
    }
    return DecodeImage(AsBytes(bytes), decode);
  }

  // [channels, height, width]
  absl::StatusOr<std::vector<uint8_t>> Convert(const std::string& bytes, uint32_t height,
                                               uint32_t width) const {
    ASSIGN_OR_RETURN(const Raster image, Decode(bytes, height, width));
    if (options_.height == 0 && (image.height != height || image.width != width)) {
      return absl::InvalidArgumentError(absl::StrCat("an image of ", image.width, "x", image.height,
                                                     " pixels; the first has ", width, "x", height,
                                                     "; give --size to resize them"));
    }
    const Box box = options_.crop_to_centre ? CentredBox(image, height, width) : WholeBox(image);
    return ToPlanes(Resize(image, box, height, width));
  }

 private:
  const ImageImportOptions& options_;
};

// An image that was read and not decoded yet.
struct ReadImage {
  uint32_t row = 0;
  uint64_t order = 0;  // Among all that are read.
  std::string bytes;
};

// One import, from its listing to its file.
class Importer {
 public:
  Importer(const ImageImportOptions& options, ImageListing listing)
      : options_(options), converter_(options), listing_(std::move(listing)) {}

  absl::StatusOr<ImageImport> Run(const std::string& path) {
    DatasetIndex& index = listing_.index;
    index.channels = options_.channels;
    RETURN_IF_ERROR(ChooseSize());
    index.provenance = ProvenanceOf(options_, index);
    ASSIGN_OR_RETURN(writer_, DatasetWriter::Create(path, index));
    left_out_.resize(listing_.images.size());
    RETURN_IF_ERROR(ConvertAll());
    RETURN_IF_ERROR(LeaveOutSmallClasses());
    ImageImport result;
    ASSIGN_OR_RETURN(result.index, writer_->Finish(left_out_));
    result.left_out = std::move(listing_.left_out);
    return result;
  }

 private:
  // The size that was asked for, or that of the first image that can be decoded.
  absl::Status ChooseSize() {
    DatasetIndex& index = listing_.index;
    index.height = options_.height;
    index.width = options_.width;
    if (options_.height != 0) return absl::OkStatus();
    const auto look = [&](uint32_t row, FileSource& source) -> absl::Status {
      const absl::StatusOr<std::string> bytes = source.Read(kMaxFileBytes);
      if (!bytes.ok()) return absl::OkStatus();  // Reported when its turn comes.
      const absl::StatusOr<Raster> image = converter_.Decode(*bytes, 0, 0);
      if (!image.ok()) return absl::OkStatus();
      index.height = image->height;
      index.width = image->width;
      return absl::CancelledError();  // Enough.
    };
    const absl::Status looked = ForEachImage(options_.listing.roots, listing_, look);
    if (!looked.ok() && !absl::IsCancelled(looked)) return looked;
    if (index.height != 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(NameOf(0), ": no PNG or JPEG image, as all other files"));
  }

  absl::Status ConvertAll() {
    absl::Status read;
    {
      BoundedPool pool(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())),
                       kReadAheadBytes);
      uint64_t order = 0;
      read = ForEachImage(options_.listing.roots, listing_, [&](uint32_t row, FileSource& source) {
        return Read(row, order++, source, pool);
      });
      Submit(pool);
    }
    absl::MutexLock lock(&mu_);
    if (first_bad_order_ != kNone) return first_bad_;
    RETURN_IF_ERROR(read);
    if (options_.progress) options_.progress(listing_.images.size(), listing_.images.size());
    return absl::OkStatus();
  }

  absl::Status Read(uint32_t row, uint64_t order, FileSource& source, BoundedPool& pool) {
    if (stopping_) return absl::CancelledError();
    if (options_.progress && order % kImagesPerReport == 0) {
      options_.progress(done_, listing_.images.size());
    }
    absl::StatusOr<std::string> bytes = source.Read(kMaxFileBytes);
    if (!bytes.ok()) {
      Bad(row, order, bytes.status());
      return absl::OkStatus();
    }
    batch_bytes_ += bytes->size();
    batch_.push_back({row, order, *std::move(bytes)});
    if (batch_.size() == kBatchImages || batch_bytes_ >= kBatchBytes) Submit(pool);
    return absl::OkStatus();
  }

  // Has the images that were read converted.
  void Submit(BoundedPool& pool) {
    pool.Submit(std::exchange(batch_bytes_, 0), [this, batch = std::exchange(batch_, {})] {
      for (const ReadImage& image : batch) {
        ConvertOne(image);
        ++done_;
      }
    });
  }

  void ConvertOne(const ReadImage& image) {
    const DatasetIndex& index = listing_.index;
    const auto pixels = converter_.Convert(image.bytes, index.height, index.width);
    if (!pixels.ok()) return Bad(image.row, image.order, pixels.status());
    const absl::Status written = writer_->WriteImage(image.row, *pixels);
    if (!written.ok()) Stop(image.order, written);
  }

  // An image that cannot be used.
  void Bad(uint32_t row, uint64_t order, const absl::Status& why) {
    if (!options_.listing.skip_bad) {
      return Stop(order, absl::InvalidArgumentError(absl::StrCat(
                             NameOf(row), ": ", why.message(),
                             "; mend or remove it, or import with --skip-bad to leave it out")));
    }
    absl::MutexLock lock(&mu_);
    left_out_[row] = true;
    bad_rows_.emplace(row, std::string(why.message()));
  }

  // Ends the import. Images are begun in order: that of the first that is bad is always found.
  void Stop(uint64_t order, absl::Status why) {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    if (order >= first_bad_order_) return;
    first_bad_order_ = order;
    first_bad_ = std::move(why);
  }

  // After bad images were left out, a class may have too few.
  absl::Status LeaveOutSmallClasses() {
    absl::MutexLock lock(&mu_);
    for (const auto& [row, reason] : bad_rows_) listing_.left_out.push_back({NameOf(row), reason});
    for (const DatasetClass& c : listing_.index.classes) {
      const auto begin = left_out_.begin() + c.first_row;
      const auto bad = std::count(begin, begin + c.examples, true);
      const uint32_t good = c.examples - static_cast<uint32_t>(bad);
      if (good >= options_.min_examples) continue;
      std::fill(begin, begin + c.examples, true);
      listing_.left_out.push_back(
          {absl::StrCat("class '", c.name, "'"),
           absl::StrCat("has ", good, " good images, fewer than ", options_.min_examples)});
    }
    return absl::OkStatus();
  }

  std::string NameOf(uint32_t row) const {
    const ListedImage& image = listing_.images[row];
    return NameOfFile(options_.listing.roots[image.root], image.path);
  }

  static constexpr uint64_t kNone = std::numeric_limits<uint64_t>::max();

  const ImageImportOptions& options_;
  const Converter converter_;
  ImageListing listing_;
  std::unique_ptr<DatasetWriter> writer_;
  std::vector<ReadImage> batch_;  // Of the reading thread.
  uint64_t batch_bytes_ = 0;
  std::atomic<uint64_t> done_ = 0;
  std::atomic<bool> stopping_ = false;

  absl::Mutex mu_;
  std::vector<bool> left_out_;                // By row. Guarded by mu_ while threads run.
  std::map<uint32_t, std::string> bad_rows_;  // Why, by row. Likewise.
  uint64_t first_bad_order_ ABSL_GUARDED_BY(mu_) = kNone;
  absl::Status first_bad_ ABSL_GUARDED_BY(mu_);
};

absl::Status AssignSplitsOf(const ImageImportOptions& options, ImageListing& listing) {
  if (options.splits) RETURN_IF_ERROR(AssignSplits(*options.splits, listing.index));
  // Small classes may go without the split file knowing it.
  RETURN_IF_ERROR(CheckClassSizes(options.min_examples, options.listing.skip_bad, listing));
  if (!options.split_fractions) return absl::OkStatus();
  ASSIGN_OR_RETURN(const SplitAssignment dealt,
                   DealSplits(listing.index, *options.split_fractions, options.split_seed));
  return AssignSplits(dealt, listing.index);
}

}  // namespace

absl::StatusOr<ImageImport> ImportImages(const ImageImportOptions& options,
                                         const std::string& path) {
  ASSIGN_OR_RETURN(ImageListing listing, ListImages(options.listing));
  RETURN_IF_ERROR(AssignSplitsOf(options, listing));
  return Importer(options, std::move(listing)).Run(path);
}

}  // namespace outerloop::data
