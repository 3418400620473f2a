// Imports a folder of images as `outerloop dataset import` does, without a coordinator, and prints
// {"images": .., "seconds": .., "peak_bytes": ..}: compare.py times Pillow on the same images.
#include <sys/resource.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/image_importer.h"
#include "nlohmann/json.hpp"

namespace outerloop::data {
namespace {

uint64_t PeakBytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

int Run(int argc, char** argv) {
  CLI::App app("Imports a folder of images and says how long it took.");
  std::string folder, output;
  ImageImportOptions options{.crop_to_centre = false};
  app.add_option("FOLDER", folder)->required();
  app.add_option("OUTPUT", output, "The data set file")->required();
  app.add_option("--size", options.height, "Pixels of each side")->required();
  CLI11_PARSE(app, argc, argv);
  options.width = options.height;
  options.listing.roots = {folder};
  const absl::Time start = absl::Now();
  const auto import = ImportImages(options, output);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  if (!import.ok()) {
    std::fprintf(stderr, "image_import_engine: %s\n", import.status().ToString().c_str());
    return 1;
  }
  std::cout << nlohmann::json{{"images", import->index.examples()},
                              {"seconds", seconds},
                              {"peak_bytes", PeakBytes()}}
            << std::endl;
  return 0;
}

}  // namespace
}  // namespace outerloop::data

int main(int argc, char** argv) { return outerloop::data::Run(argc, argv); }
