// The files of the Omniglot archives, found, read and put in order, but not decoded.
#ifndef OUTERLOOP_DATA_OMNIGLOT_DRAWINGS_H_
#define OUTERLOOP_DATA_OMNIGLOT_DRAWINGS_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/omniglot_layout.h"

namespace outerloop::data {

struct OmniglotDrawing {
  std::string file;  // "ARCHIVE.zip: ENTRY", to begin an error message with.
  OmniglotPath path;
  std::string png;  // The file's bytes.
};

// All drawings of the archives at `folder` (see ImportOmniglot, whose errors these are), by
// official character id, then by drawing. At least one. An id is one character, a character has one
// id, and no drawing stands twice; else INVALID_ARGUMENT.
absl::StatusOr<std::vector<OmniglotDrawing>> ReadOmniglotDrawings(const std::string& folder);

// Whether another character than that of the drawing before begins at `i`. `drawings` are in order.
bool StartsCharacter(std::span<const OmniglotDrawing> drawings, size_t i);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_OMNIGLOT_DRAWINGS_H_
