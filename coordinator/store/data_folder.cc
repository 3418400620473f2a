#include "coordinator/store/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::coordinator {
namespace {

// Writes this process's id into the lock file, for ReadOwner.
absl::Status WriteOwner(int fd, const std::string& path) {
  const std::string owner = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) != 0 || pwrite(fd, owner.data(), owner.size(), 0) < 0) {
    return FileError(errno, "cannot write", path);
  }
  return absl::OkStatus();
}

// The process id in the lock file; "unknown" in the moment before its owner has written it.
std::string ReadOwner(int fd) {
  char text[32];
  const ssize_t size = pread(fd, text, sizeof(text), 0);
  const std::string_view content(text, size > 0 ? static_cast<size_t>(size) : 0);
  const size_t line_end = content.find('\n');
  return line_end == content.npos ? "unknown" : std::string(content.substr(0, line_end));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataFolder>> DataFolder::Lock(const std::string& path) {
  RETURN_IF_ERROR(MakeFolder(path));
  const std::string lock = path + "/lock";
  const int fd = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return FileError(errno, "cannot open the lock", lock);
  std::unique_ptr<DataFolder> folder(new DataFolder(path, fd));
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
    RETURN_IF_ERROR(WriteOwner(fd, lock));
    return folder;
  }
  if (errno != EWOULDBLOCK) return FileError(errno, "cannot lock", lock);
  return absl::FailedPreconditionError(
      absl::StrCat("data folder ", path, ": in use by another coordinator, process id ",
                   ReadOwner(fd), "; stop that one or give another --data-dir"));
}

// Closing the file gives up the lock. The file stays: removing it would let two processes lock two
// files of the same name.
DataFolder::~DataFolder() { close(lock_fd_); }

}  // namespace outerloop::coordinator
