#include "worker/cache_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "common/atomic_file.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace outerloop::worker {
namespace {

// An open file, and with it the locks that were taken on it.
class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool is_open() const { return fd_ >= 0; }
  // `operation` as flock takes it.
  bool Lock(int operation) const { return flock(fd_, operation) == 0; }
  // Whether it is the file that `path` names now.
  bool IsNamed(const std::string& path) const {
    struct stat mine, named;
    return fstat(fd_, &mine) == 0 && stat(path.c_str(), &named) == 0 &&
           mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
  }
  void Touch() const { futimens(fd_, nullptr); }

 private:
  const int fd_;
};

struct InUse {
  explicit InUse(const std::string& path) : lock(path) {}

  const Descriptor lock;
  std::shared_ptr<const MappedFile> file;
};

struct Candidate {
  std::filesystem::file_time_type used;
  std::string path;
  uint64_t bytes = 0;
};

std::vector<Candidate> ByLastUse(const std::string& folder) {
  std::vector<Candidate> files;
  std::error_code error;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator it(folder, error); !error && it != end;
       it.increment(error)) {
    if (!IsSha256Hex(it->path().filename().string())) continue;
    std::error_code gone;
    Candidate file{.used = it->last_write_time(gone), .path = it->path().string()};
    if (!gone) file.bytes = it->file_size(gone);
    if (!gone) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const Candidate& a, const Candidate& b) { return a.used < b.used; });
  return files;
}

// Whoever opens the file meanwhile finds that it has lost its name.
bool RemoveUnused(const std::string& path) {
  const Descriptor file(path);
  return file.is_open() && file.Lock(LOCK_EX | LOCK_NB) && file.IsNamed(path) &&
         unlink(path.c_str()) == 0;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const MappedFile>> OpenCachedFile(const std::string& path) {
  // Another process may remove the file, or put an equal one in its place, at any moment before the
  // lock is held: then the lock holds nothing, and the name is followed once more.
  while (true) {
    auto use = std::make_shared<InUse>(path);
    if (!use->lock.is_open()) return FileError(errno, "cannot open", path);
    if (!use->lock.Lock(LOCK_SH)) return FileError(errno, "cannot lock", path);
    ASSIGN_OR_RETURN(use->file, MappedFile::Open(path));
    if (!use->lock.IsNamed(path)) continue;
    use->lock.Touch();
    const MappedFile* const file = use->file.get();
    return std::shared_ptr<const MappedFile>(std::move(use), file);
  }
}

void EvictOldest(const std::string& folder, uint64_t limit_bytes) {
  const std::vector<Candidate> files = ByLastUse(folder);
  uint64_t total = 0;
  for (const Candidate& file : files) total += file.bytes;
  for (const Candidate& file : files) {
    if (total <= limit_bytes) return;
    if (!RemoveUnused(file.path)) continue;
    total -= file.bytes;
    spdlog::info("removed {} from the cache: {} bytes", file.path, file.bytes);
  }
}

}  // namespace outerloop::worker
