#include "client/command_line/image_options.h"

#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::client {
namespace {

constexpr uint32_t kMaxSide = 4096;

bool ParseSide(absl::string_view text, uint32_t* side) {
  return absl::SimpleAtoi(text, side) && *side >= 1 && *side <= kMaxSide;
}

// "84": square. "84x64": width and height.
absl::Status ParseSize(const std::string& text, data::ImageImportOptions& options) {
  if (text.empty()) return absl::OkStatus();
  const std::vector<absl::string_view> sides = absl::StrSplit(text, 'x');
  const bool is_size = sides.size() <= 2 && ParseSide(sides.front(), &options.width) &&
                       ParseSide(sides.back(), &options.height);
  if (is_size) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--size: '", text, "' is not allowed; give N or WxH, each 1 to ", kMaxSide, " pixels"));
}

absl::Status ReadSplits(const std::string& path, data::ImageImportOptions& options) {
  ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  absl::StatusOr<data::SplitAssignment> splits = data::ParseSplits(content);
  if (!splits.ok()) {
    return absl::Status(splits.status().code(),
                        absl::StrCat(path, ": ", splits.status().message()));
  }
  options.splits = *std::move(splits);
  return absl::OkStatus();
}

}  // namespace

void AddImageOptions(CLI::App& verb, ImageOptions& options) {
  constexpr char kGroup[] = "Options of --format folder";
  verb.add_option("--crop", options.crop,
                  "center: crop to the shape of --size; none: change the shape")
      ->check(CLI::IsMember({"center", "none"}))
      ->capture_default_str()
      ->group(kGroup);
  verb.add_option("--colour,--color", options.colour, "Channels of the images")
      ->check(CLI::IsMember({"rgb", "grey"}))
      ->capture_default_str()
      ->group(kGroup);
  CLI::Option* file = verb.add_option("--split", options.split_file,
                                      "JSON or CSV file that gives each class its split");
  CLI::Option* fractions =
      verb.add_option("--split-fractions", options.split_fractions,
                      "Shares of the classes for train, validation and test, e.g. 0.64,0.16,0.2");
  CLI::Option* by_folder = verb.add_flag("--split-by-folder", options.split_by_folder,
                                         "The first level of folders is train, val and test");
  file->group(kGroup)->excludes(fractions)->excludes(by_folder);
  fractions->delimiter(',')->expected(3)->group(kGroup)->excludes(by_folder);
  by_folder->group(kGroup);
  verb.add_option("--split-seed", options.split_seed, "Deals the classes of --split-fractions")
      ->capture_default_str()
      ->group(kGroup);
  verb.add_option("--min-examples", options.min_examples, "Images of a class at least")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->group(kGroup);
  verb.add_option("--max-pixels", options.max_pixels,
                  "Pixels that a file may claim to have; a larger one is refused unopened")
      ->capture_default_str()
      ->group(kGroup);
  verb.add_flag("--skip-bad", options.skip_bad,
                "Leave out files that are no good images, and count them")
      ->group(kGroup);
}

absl::StatusOr<data::ImageImportOptions> ToImportOptions(const ImageOptions& options,
                                                         const std::vector<std::string>& roots) {
  data::ImageImportOptions result;
  result.listing = {
      .roots = roots, .split_by_folder = options.split_by_folder, .skip_bad = options.skip_bad};
  RETURN_IF_ERROR(ParseSize(options.size, result));
  result.crop_to_centre = options.crop == "center";
  result.channels = options.colour == "grey" ? 1 : 3;
  result.min_examples = options.min_examples;
  result.max_pixels = options.max_pixels;
  result.split_seed = options.split_seed;
  if (!options.split_file.empty()) RETURN_IF_ERROR(ReadSplits(options.split_file, result));
  if (const std::vector<double>& shares = options.split_fractions; !shares.empty()) {
    result.split_fractions = {.train = shares[0], .validation = shares[1], .test = shares[2]};
  }
  return result;
}

}  // namespace outerloop::client
