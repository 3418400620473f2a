// How files are named in the official Omniglot archives.
#ifndef OUTERLOOP_DATA_OMNIGLOT_LAYOUT_H_
#define OUTERLOOP_DATA_OMNIGLOT_LAYOUT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace outerloop::data {

// What a path such as "images_background/Balinese/character01/0108_03.png" says.
struct OmniglotPath {
  std::string root;           // "images_background"
  std::string character;      // "Balinese/character01"
  uint32_t character_id = 0;  // 108: the official number, over all alphabets.
  uint32_t drawing = 0;       // 3: who drew it.

  bool operator==(const OmniglotPath&) const = default;
};

// Nothing if `path` has another form than ROOT/ALPHABET/characterNN/ID_DRAWING.png.
std::optional<OmniglotPath> ParseOmniglotPath(absl::string_view path);

// Whether a file is one that macOS adds to the archives it packs, and so no drawing.
bool IsMacOsMetadata(absl::string_view path);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_OMNIGLOT_LAYOUT_H_
