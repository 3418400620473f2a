// Folders and archives of images as a data set.
#ifndef OUTERLOOP_DATA_IMAGE_IMPORTER_H_
#define OUTERLOOP_DATA_IMAGE_IMPORTER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/dataset_file.h"
#include "data/image_listing.h"
#include "data/split_file.h"

namespace outerloop::data {

struct ImageImportOptions {
  ListingOptions listing = {};
  uint32_t height = 0;         // Pixels of the data set's images. 0: as they are, all the same.
  uint32_t width = 0;          // Likewise.
  bool crop_to_centre = true;  // To the shape of height x width. Otherwise the shape is changed.
  uint32_t channels = 3;       // 1: grey, 3: colour.
  uint32_t min_examples = 2;   // Of a class.
  uint64_t max_pixels = 50'000'000;  // That a file may claim to have.
  // At most one of these, and none with `listing.split_by_folder`.
  std::optional<SplitAssignment> splits = std::nullopt;
  std::optional<SplitFractions> split_fractions = std::nullopt;
  uint64_t split_seed = 0;  // Of split_fractions.
  // Called now and then, in the caller's thread, with the images done so far and in all.
  std::function<void(uint64_t done, uint64_t total)> progress = nullptr;
};

struct ImageImport {
  DatasetIndex index;
  std::vector<LeftOut> left_out;
};

// Writes the images of `options.listing.roots` as a data set file to `path`, in place of what is
// there. Decodes and resizes (image_decoder.h, resize.h) on all cores, in memory that grows by some
// hundred bytes an image alone. The same images and options give the same bytes, on every machine.
//
// Errors as ListImages, CheckClassSizes, AssignSplits and DatasetWriter; INVALID_ARGUMENT, naming
// the first bad file, if one is no image that can be decoded, or has another size where none is
// given. With `listing.skip_bad` such files are left out, and classes that have too few images
// then.
absl::StatusOr<ImageImport> ImportImages(const ImageImportOptions& options,
                                         const std::string& path);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_IMAGE_IMPORTER_H_
