#include "data/folder_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::data {
namespace {

namespace fs = std::filesystem;

// By what the folder itself says of its entry, where its file system has it do so.
std::string ProblemOf(const fs::directory_entry& entry, std::error_code& error) {
  if (entry.is_symlink(error)) return "a link; links are not followed";
  return entry.is_regular_file(error) ? "" : "neither a file nor a folder";
}

absl::StatusOr<std::string> ReadOpenFile(int fd, size_t size) {
  std::string bytes(size, '\0');
  for (size_t got = 0; got < size;) {
    const ssize_t count = read(fd, bytes.data() + got, size - got);
    if (count == 0) return absl::InvalidArgumentError("became shorter while it was read");
    if (count > 0) {
      got += static_cast<size_t>(count);
    } else if (errno != EINTR) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot be read: ", std::generic_category().message(errno)));
    }
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileSource>> FolderSource::Open(const std::string& folder) {
  std::vector<SourceEntry> entries;
  std::error_code error;
  const size_t above = (fs::path(folder) / "").native().size();  // Of a path, what is not relative.
  const fs::recursive_directory_iterator end;
  // Iterates into folders, not into links to them.
  for (fs::recursive_directory_iterator it(folder, error); !error && it != end;
       it.increment(error)) {
    if (!it->is_symlink(error) && !error && it->is_directory(error)) continue;
    std::string problem = error ? "" : ProblemOf(*it, error);
    if (error) break;
    entries.push_back({it->path().native().substr(above), std::move(problem)});
  }
  if (error) return FileError(error.value(), "cannot list", folder);
  std::sort(entries.begin(), entries.end(),
            [](const SourceEntry& a, const SourceEntry& b) { return a.path < b.path; });
  return std::unique_ptr<FileSource>(new FolderSource(folder, std::move(entries)));
}

absl::StatusOr<std::optional<SourceEntry>> FolderSource::Next() {
  if (next_ == entries_.size()) return std::nullopt;
  return entries_[next_++];
}

absl::StatusOr<std::string> FolderSource::Read(uint64_t max_bytes) {
  const std::string path = absl::StrCat(folder_, "/", entries_[next_ - 1].path);
  // Should a link or a pipe have taken the file's place since it was listed.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot be opened: ", std::generic_category().message(errno)));
  }
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat facts;
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return absl::InvalidArgumentError("is no file any more");
  }
  const auto size = static_cast<uint64_t>(facts.st_size);
  if (size > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a file of ", size, " bytes; at most ", max_bytes, " are allowed"));
  }
  return ReadOpenFile(fd, size);
}

}  // namespace outerloop::data
