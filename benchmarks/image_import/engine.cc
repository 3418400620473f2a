// Imports a folder of images, or Omniglot's archives, as `outerloop dataset import` does, without a
// coordinator, and prints {"images": .., "seconds": .., "peak_bytes": ..}: compare.py times Pillow
// on the same images.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status_macros.h"
#include "data/image_importer.h"
#include "data/omniglot_importer.h"
#include "nlohmann/json.hpp"

namespace outerloop::data {
namespace {

// Of this program's memory. getrusage would count that of the process that started it.
uint64_t PeakBytes() {
  std::ifstream status("/proc/self/status");
  uint64_t kilobytes = 0;
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") status >> kilobytes;
  }
  return kilobytes * 1024;
}

absl::StatusOr<uint64_t> ImportFolder(const std::string& folder, uint32_t size,
                                      const std::string& output) {
  ImageImportOptions options{.crop_to_centre = false};
  options.height = options.width = size;
  options.listing.roots = {folder};
  ASSIGN_OR_RETURN(const ImageImport import, ImportImages(options, output));
  return import.index.examples();
}

absl::StatusOr<uint64_t> ImportArchives(const std::string& folder, uint32_t size,
                                        const std::string& output) {
  OmniglotOptions options;
  options.size = size;
  ASSIGN_OR_RETURN(const DatasetBuilder builder, ImportOmniglot(folder, options));
  std::ofstream file(output, std::ios::binary);
  RETURN_IF_ERROR(builder.Write("Omniglot", [&file](std::string_view bytes) {
    return file << bytes ? absl::OkStatus() : absl::InternalError("cannot write the output");
  }));
  return builder.index().examples();
}

int Run(int argc, char** argv) {
  CLI::App app("Imports images and says how long it took.");
  std::string folder, output;
  uint32_t size = 0;
  bool omniglot = false;
  app.add_option("FOLDER", folder)->required();
  app.add_option("OUTPUT", output, "The data set file")->required();
  app.add_option("--size", size, "Pixels of each side")->required();
  app.add_flag("--omniglot", omniglot, "FOLDER holds Omniglot's archives");
  CLI11_PARSE(app, argc, argv);
  const absl::Time start = absl::Now();
  const auto images = (omniglot ? ImportArchives : ImportFolder)(folder, size, output);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  if (!images.ok()) {
    std::fprintf(stderr, "image_import_engine: %s\n", images.status().ToString().c_str());
    return 1;
  }
  std::cout << nlohmann::json{{"images", *images},
                              {"seconds", seconds},
                              {"peak_bytes", PeakBytes()}}
            << std::endl;
  return 0;
}

}  // namespace
}  // namespace outerloop::data

int main(int argc, char** argv) { return outerloop::data::Run(argc, argv); }
