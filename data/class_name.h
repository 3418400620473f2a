// Names of classes as Unicode has them.
#ifndef OUTERLOOP_DATA_CLASS_NAME_H_
#define OUTERLOOP_DATA_CLASS_NAME_H_

#include <string>

#include "absl/status/statusor.h"

namespace outerloop::data {

// `name` in normalisation form C (Unicode Standard Annex 15), in which equal texts have equal
// bytes: macOS writes an "é" of file names as two characters, others as one. INVALID_ARGUMENT if it
// is not UTF-8.
absl::StatusOr<std::string> NormaliseClassName(const std::string& name);

// What is left of a normalised name when case does not count: names with the same are one name to
// some file systems, and to most readers.
std::string FoldClassName(const std::string& normalised);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_CLASS_NAME_H_
