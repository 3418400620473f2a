// Which images there are in folders and archives, and which class each is of.
#ifndef OUTERLOOP_DATA_IMAGE_LISTING_H_
#define OUTERLOOP_DATA_IMAGE_LISTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/dataset_file.h"

namespace outerloop::data {

// One image, not opened yet.
struct ListedImage {
  std::string path;      // In its root.
  uint32_t root = 0;     // Number of the root.
  uint64_t ordinal = 0;  // Number of the entry in the root's FileSource.
};

// A file, or a class, that is left out of a data set.
struct LeftOut {
  std::string name;
  std::string reason;
};

struct ImageListing {
  DatasetIndex index;               // Classes by name, without the sizes of images.
  std::vector<ListedImage> images;  // By row; in a class by root, then by path.
  std::vector<LeftOut> left_out;
};

struct ListingOptions {
  // Folders and archives. A class that is in several is one class.
  std::vector<std::string> roots;
  // The roots' first level of folders is train, validation (or val) and test, and no part of the
  // names of classes.
  bool split_by_folder = false;
  // What would be an error of one file goes to `left_out`.
  bool skip_bad = false;
};

// Lists the files of all roots. A class is the path of the folder that a file is in, normalised
// (class_name.h); its origin is the last part of the path of the first root that has it. Hidden
// files and what operating systems add (.DS_Store, __MACOSX, Thumbs.db) are passed over.
//
// INVALID_ARGUMENT, naming the root or file and saying what to do: a file outside any class, a
// link, a path that leads out of an archive or stands twice, names of classes that differ by case
// or Unicode form alone, a class in two splits, no image at all. Errors of FileSource.
absl::StatusOr<ImageListing> ListImages(const ListingOptions& options);

// INVALID_ARGUMENT, naming the first class with fewer than `min_examples` images; or takes all such
// classes out, if `skip_bad`.
absl::Status CheckClassSizes(uint32_t min_examples, bool skip_bad, ImageListing& listing);

// What a person knows a file by: "ROOT/PATH", or "ROOT: PATH" in an archive.
std::string NameOfFile(const std::string& root, const std::string& path);

// The last part of a path.
std::string BaseName(const std::string& path);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_IMAGE_LISTING_H_
