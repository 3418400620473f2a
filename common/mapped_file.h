// A file in memory, read-only, page by page as it is touched.
#ifndef OUTERLOOP_COMMON_MAPPED_FILE_H_
#define OUTERLOOP_COMMON_MAPPED_FILE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace outerloop {

// Immutable, so safe to share between threads. The file may be unlinked while it is mapped; it must
// not be truncated (files of a blob store or cache never are).
class MappedFile {
 public:
  // NOT_FOUND or another status if it cannot be mapped. An empty file maps to an empty span.
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  const std::span<const uint8_t> bytes_;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_MAPPED_FILE_H_
