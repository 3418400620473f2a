// The files of a folder or of an archive, one after the other.
#ifndef OUTERLOOP_DATA_FILE_SOURCE_H_
#define OUTERLOOP_DATA_FILE_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace outerloop::data {

// One file, or what stands where a file should.
struct SourceEntry {
  std::string path;     // Relative to the root, with '/'.
  std::string problem;  // Why it cannot be taken, e.g. that it is a link; empty if it is a file.
};

// Always the same entries in the same order, as long as nobody changes what is read. Folders
// themselves are left out. Thread-compatible.
class FileSource {
 public:
  virtual ~FileSource() = default;

  // The next entry; none at the end. An error, naming the root, if nothing more can be read of it.
  virtual absl::StatusOr<std::optional<SourceEntry>> Next() = 0;

  // The content of the entry that Next gave last, which has no problem. Call once.
  // INVALID_ARGUMENT, without the path, if it is larger than `max_bytes` or cannot be read.
  virtual absl::StatusOr<std::string> Read(uint64_t max_bytes) = 0;
};

// A folder, whose entries come in the order of their paths' bytes and whose links are never
// followed; or a zip, tar or tar.gz archive. NOT_FOUND or another status, naming `path`, if it
// cannot be opened; INVALID_ARGUMENT if it is neither.
absl::StatusOr<std::unique_ptr<FileSource>> OpenFileSource(const std::string& path);

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_FILE_SOURCE_H_
