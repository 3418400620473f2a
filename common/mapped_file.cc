#include "common/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "common/atomic_file.h"

namespace outerloop {

absl::StatusOr<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FileError(errno, "cannot open", path);
  const absl::Cleanup closer = [fd] { close(fd); };  // A mapping outlives its descriptor.

  struct stat info;
  if (fstat(fd, &info) != 0) return FileError(errno, "cannot get the size of", path);
  if (S_ISDIR(info.st_mode)) return FileError(EISDIR, "cannot map", path);
  std::span<const uint8_t> bytes;
  if (info.st_size > 0) {
    void* const start = mmap(nullptr, info.st_size, PROT_READ, MAP_SHARED, fd, /*offset=*/0);
    if (start == MAP_FAILED) return FileError(errno, "cannot map", path);
    bytes = {static_cast<const uint8_t*>(start), static_cast<size_t>(info.st_size)};
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(bytes));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<uint8_t*>(bytes_.data()), bytes_.size());
}

}  // namespace outerloop
