#include "data/image_listing.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "data/class_name.h"
#include "data/file_source.h"

namespace outerloop::data {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kSkipAdvice =
    "; mend or remove it, or import with --skip-bad to leave it out";
constexpr absl::string_view kSmallAdvice = "; add some, or import with --skip-bad to leave it out";

// Whether a program put the file there, not a person.
bool IsClutter(absl::string_view path) {
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (absl::StartsWith(part, ".") || part == "__MACOSX") return true;
  }
  return absl::EndsWith(path, "Thumbs.db") || absl::EndsWith(path, "desktop.ini");
}

class Lister {
 public:
  explicit Lister(const ListingOptions& options) : options_(options) {}

  absl::StatusOr<ImageListing> List() {
    RETURN_IF_ERROR(CheckRoots());
    for (uint32_t root = 0; root < options_.roots.size(); ++root) RETURN_IF_ERROR(ListRoot(root));
    if (classes_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(options_.roots[0],
                       ": no image in a class folder; give a folder that holds one folder "
                       "for each class"));
    }
    for (auto& [name, c] : classes_) RETURN_IF_ERROR(AddClass(name, c));
    return std::move(listing_);
  }

 private:
  struct Class {
    std::string origin;
    std::string path;    // As the first file has it, before it is normalised.
    std::string folder;  // The first root's name and `path`, for messages.
    v1::Split split = v1::SPLIT_UNSPECIFIED;
    std::vector<ListedImage> images;
  };
  // What a path says.
  struct Place {
    std::string class_path;
    v1::Split split = v1::SPLIT_UNSPECIFIED;
  };

  absl::Status CheckRoots() const {
    std::set<fs::path> seen;
    for (const std::string& root : options_.roots) {
      std::error_code ignored;
      if (seen.insert(fs::weakly_canonical(root, ignored)).second) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(root, ": given twice; its images would be there twice"));
    }
    return absl::OkStatus();
  }

  absl::Status ListRoot(uint32_t root) {
    ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> source,
                     OpenFileSource(options_.roots[root]));
    for (uint64_t ordinal = 0;; ++ordinal) {
      ASSIGN_OR_RETURN(std::optional<SourceEntry> entry, source->Next());
      if (!entry) return absl::OkStatus();
      ListedImage image{.path = std::move(entry->path), .root = root, .ordinal = ordinal};
      if (!entry->problem.empty()) {
        RETURN_IF_ERROR(LeaveOut(image, entry->problem));
      } else if (!IsClutter(image.path)) {
        RETURN_IF_ERROR(Take(std::move(image)));
      }
    }
  }

  absl::Status Take(ListedImage image) {
    const absl::StatusOr<Place> place = PlaceOf(image.path);
    if (!place.ok()) return LeaveOut(image, place.status().message());
    const absl::StatusOr<std::string> name = NormaliseClassName(place->class_path);
    if (!name.ok()) return LeaveOut(image, name.status().message());
    const auto [found, is_new] = classes_.try_emplace(*name);
    Class& c = found->second;
    const std::string& root = options_.roots[image.root];
    if (is_new) {
      c.origin = BaseName(root);
      c.path = place->class_path;
      c.folder = NameOfFile(root, place->class_path);
      c.split = place->split;
      RETURN_IF_ERROR(CheckUnlikeOthers(*name, c));
    }
    RETURN_IF_ERROR(CheckSame(c, *place, NameOfFile(root, place->class_path)));
    c.images.push_back(std::move(image));
    return absl::OkStatus();
  }

  absl::StatusOr<Place> PlaceOf(const std::string& path) const {
    const size_t slash = path.rfind('/');
    std::string folder = slash == path.npos ? "" : path.substr(0, slash);
    Place place;
    if (options_.split_by_folder) {
      const size_t first = folder.find('/');
      place.split = SplitOfWord(folder.substr(0, first));
      if (place.split == v1::SPLIT_UNSPECIFIED) {
        return absl::InvalidArgumentError("not in a folder train, validation, val or test");
      }
      folder = first == folder.npos ? "" : folder.substr(first + 1);
    }
    if (folder.empty()) return absl::InvalidArgumentError("in no class's folder");
    place.class_path = std::move(folder);
    return place;
  }

  // Two classes whose names a file system, or a reader, may take for one.
  absl::Status CheckUnlikeOthers(const std::string& name, const Class& c) {
    const auto [other, is_new] = folded_.emplace(FoldClassName(name), c.folder);
    if (is_new) return absl::OkStatus();
    return Alike(other->second, c.folder);
  }

  // `place` belongs to `c`: a file found later in a class has its very name and split.
  static absl::Status CheckSame(const Class& c, const Place& place, const std::string& folder) {
    if (place.class_path != c.path) return Alike(c.folder, folder);
    if (place.split == c.split) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("class '", c.path, "' is in ", SplitName(c.split), " and in ",
                     SplitName(place.split), "; splits must not share a class"));
  }

  static absl::Status Alike(const std::string& a, const std::string& b) {
    return absl::InvalidArgumentError(
        absl::StrCat("the classes ", a, " and ", b,
                     " differ by case or Unicode form alone; rename or merge them"));
  }

  absl::Status LeaveOut(const ListedImage& image, absl::string_view reason) {
    std::string name = NameOfFile(options_.roots[image.root], image.path);
    if (!options_.skip_bad) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": ", reason, kSkipAdvice));
    }
    listing_.left_out.push_back({std::move(name), std::string(reason)});
    return absl::OkStatus();
  }

  absl::Status AddClass(const std::string& name, Class& c) {
    std::stable_sort(c.images.begin(), c.images.end(),
                     [](const ListedImage& a, const ListedImage& b) {
                       return std::tie(a.root, a.path) < std::tie(b.root, b.path);
                     });
    DatasetClass added{.name = name,
                       .origin = c.origin,
                       .first_row = static_cast<uint32_t>(listing_.images.size()),
                       .split = c.split};
    const ListedImage* previous = nullptr;
    for (const ListedImage& image : c.images) {
      const bool is_repeated =
          previous != nullptr && previous->root == image.root && previous->path == image.path;
      previous = &image;
      if (is_repeated) {
        RETURN_IF_ERROR(LeaveOut(image, "stands twice in the archive"));
        continue;
      }
      listing_.images.push_back(image);
      ++added.examples;
    }
    c.images.clear();
    listing_.index.classes.push_back(std::move(added));
    return absl::OkStatus();
  }

  const ListingOptions& options_;
  std::map<std::string, Class> classes_;       // By name.
  std::map<std::string, std::string> folded_;  // Folder of a class by its folded name.
  ImageListing listing_;
};

}  // namespace

absl::StatusOr<ImageListing> ListImages(const ListingOptions& options) {
  return Lister(options).List();
}

absl::Status CheckClassSizes(uint32_t min_examples, bool skip_bad, ImageListing& listing) {
  ImageListing kept{.index = listing.index, .images = {}, .left_out = std::move(listing.left_out)};
  kept.index.classes.clear();
  for (DatasetClass c : listing.index.classes) {
    const auto first = listing.images.begin() + c.first_row;
    if (c.examples >= min_examples) {
      c.first_row = static_cast<uint32_t>(kept.images.size());
      kept.images.insert(kept.images.end(), std::make_move_iterator(first),
                         std::make_move_iterator(first + c.examples));
      kept.index.classes.push_back(std::move(c));
      continue;
    }
    const std::string reason =
        absl::StrCat("has ", c.examples, c.examples == 1 ? " image" : " images", ", fewer than ",
                     min_examples, " (--min-examples)");
    if (!skip_bad) {
      return absl::InvalidArgumentError(
          absl::StrCat("class '", c.name, "' ", reason, kSmallAdvice));
    }
    kept.left_out.push_back({absl::StrCat("class '", c.name, "'"), reason});
  }
  listing = std::move(kept);
  if (!listing.index.classes.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("no class has enough images");
}

std::string NameOfFile(const std::string& root, const std::string& path) {
  std::error_code ignored;
  return absl::StrCat(root, fs::is_directory(root, ignored) ? "/" : ": ", path);
}

std::string BaseName(const std::string& path) {
  const fs::path normal = fs::path(path).lexically_normal();
  return (normal.has_filename() ? normal : normal.parent_path()).filename().string();
}

}  // namespace outerloop::data
