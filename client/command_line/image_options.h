// The options of `outerloop dataset import --format folder`.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_IMAGE_OPTIONS_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_IMAGE_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/image_importer.h"

namespace CLI {
class App;
}

namespace outerloop::client {

// As they stand on the command line.
struct ImageOptions {
  std::string size;  // "84" or "84x64", width first. Shared with other formats.
  std::string crop = "center";
  std::string colour = "rgb";
  std::string split_file;
  std::vector<double> split_fractions;
  uint64_t split_seed = 0;
  bool split_by_folder = false;
  uint32_t min_examples = 2;
  uint64_t max_pixels = 50'000'000;
  bool skip_bad = false;
};

// Adds all but the size to `verb`; `options` must outlive it.
void AddImageOptions(CLI::App& verb, ImageOptions& options);

// What the options ask for, without progress. INVALID_ARGUMENT, naming the option, if one cannot be
// taken; reads the split file.
absl::StatusOr<data::ImageImportOptions> ToImportOptions(const ImageOptions& options,
                                                         const std::vector<std::string>& roots);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_IMAGE_OPTIONS_H_
