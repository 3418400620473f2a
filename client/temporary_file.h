// A file for as long as it is needed.
#ifndef OUTERLOOP_CLIENT_TEMPORARY_FILE_H_
#define OUTERLOOP_CLIENT_TEMPORARY_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace outerloop::client {

// In $TMPDIR, or /tmp. Removed when destroyed. Thread-compatible.
class TemporaryFile {
 public:
  // `stem` begins its name.
  static absl::StatusOr<std::unique_ptr<TemporaryFile>> Create(const std::string& stem);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

  // RESOURCE_EXHAUSTED, naming the file, if the disk is full.
  absl::Status Append(std::string_view bytes);

 private:
  TemporaryFile(int fd, std::string path);

  const int fd_;
  const std::string path_;
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_TEMPORARY_FILE_H_
