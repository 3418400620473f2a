#include "client/temporary_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"

namespace outerloop::client {

absl::StatusOr<std::unique_ptr<TemporaryFile>> TemporaryFile::Create(const std::string& stem) {
  const char* folder = std::getenv("TMPDIR");
  std::string path = absl::StrCat(folder != nullptr ? folder : "/tmp", "/", stem, "-XXXXXX");
  const int fd = mkstemp(path.data());
  if (fd < 0) return FileError(errno, "create", path);
  return std::unique_ptr<TemporaryFile>(new TemporaryFile(fd, std::move(path)));
}

TemporaryFile::TemporaryFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

TemporaryFile::~TemporaryFile() {
  close(fd_);
  unlink(path_.c_str());
}

absl::Status TemporaryFile::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(errno, "write", path_);
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

}  // namespace outerloop::client
