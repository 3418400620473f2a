// The official Omniglot archives (Lake, Salakhutdinov & Tenenbaum 2015) as a data set.
#ifndef OUTERLOOP_DATA_OMNIGLOT_IMPORTER_H_
#define OUTERLOOP_DATA_OMNIGLOT_IMPORTER_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "data/dataset_file.h"

namespace outerloop::data {

struct OmniglotOptions {
  uint32_t size = 28;  // Pixels, height and width, after shrinking from 105. 8 to 105.
  // Called now and then, in the caller's thread, with the drawings done so far and in all.
  std::function<void(uint64_t done, uint64_t total)> progress;
};

// Reads `images_background.zip` and `images_evaluation.zip` in `folder` (one of them is enough), or
// `folder` is one such archive itself. A class is a character, named "Alphabet/characterNN", its
// origin is the archive's name; classes are in the order of the official character ids. Ink is 255,
// paper 0, shrunk by averaging areas. Decodes on all cores.
//
// NOT_FOUND if there is no such archive; INVALID_ARGUMENT naming the archive and the entry if an
// archive is corrupt or truncated, an entry is no image, has another size than the first, or lies
// outside the layout ARCHIVE/ALPHABET/characterNN/ID_DRAWING.png.
absl::StatusOr<DatasetBuilder> ImportOmniglot(const std::string& folder,
                                              const OmniglotOptions& options);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_OMNIGLOT_IMPORTER_H_
