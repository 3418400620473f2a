#include "common/atomic_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status_macros.h"
#include "common/string_view.h"

namespace outerloop {
namespace {

constexpr std::string_view kTemporaryPrefix = ".tmp-";
constexpr size_t kPieceBytes = 1 << 18;

// The folder that holds `path`.
std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// Makes the names in `folder` durable.
absl::Status SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileError(errno, "cannot open the folder", folder);
  const absl::Cleanup closer = [fd] { close(fd); };
  // EINVAL: a file system that keeps names without being asked to.
  if (fsync(fd) != 0 && errno != EINVAL) return FileError(errno, "cannot sync the folder", folder);
  return absl::OkStatus();
}

// A new name each time, whatever other processes do.
absl::StatusOr<std::string> TemporaryName(const std::string& folder) {
  uint64_t random = 0;
  if (getentropy(&random, sizeof(random)) != 0) {
    return FileError(errno, "cannot get random numbers to name a temporary file in", folder);
  }
  return absl::StrFormat("%s/%s%016x", folder, kTemporaryPrefix, random);
}

bool IsTemporary(const std::filesystem::directory_entry& entry) {
  std::error_code ignored;
  return entry.path().filename().string().starts_with(kTemporaryPrefix) &&
         entry.is_regular_file(ignored);
}

absl::StatusCode CodeOf(int error_number) {
  switch (error_number) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status FileError(int error_number, std::string_view what, std::string_view path) {
  const absl::StatusCode code = CodeOf(error_number);
  const std::string reason = std::generic_category().message(error_number);
  const char* const advice =
      code == absl::StatusCode::kResourceExhausted ? "; free some space and try again" : "";
  return absl::Status(code,
                      absl::StrCat(AbslView(what), ": ", AbslView(path), ": ", reason, advice));
}

absl::Status MakeFolder(const std::string& folder) {
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored)) return absl::OkStatus();
  const std::string parent = FolderOf(folder);
  RETURN_IF_ERROR(MakeFolder(parent));
  if (mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) {
    return FileError(errno, "cannot make the folder", folder);
  }
  return SyncFolder(parent);
}

absl::StatusOr<std::unique_ptr<AtomicFile>> AtomicFile::Create(const std::string& path) {
  const std::string folder = FolderOf(path);
  RETURN_IF_ERROR(MakeFolder(folder));
  ASSIGN_OR_RETURN(const std::string temporary, TemporaryName(folder));
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return FileError(errno, "cannot make the temporary file", temporary);
  return std::unique_ptr<AtomicFile>(new AtomicFile(fd, temporary, path, /*keeps_partial=*/false));
}

absl::StatusOr<std::unique_ptr<AtomicFile>> AtomicFile::Resume(const std::string& path,
                                                               uint64_t keep) {
  RETURN_IF_ERROR(MakeFolder(FolderOf(path)));
  const std::string partial = absl::StrCat(path, AbslView(kPartialSuffix));
  const int fd = open(partial.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0) return FileError(errno, "cannot open the partial file", partial);
  std::unique_ptr<AtomicFile> file(new AtomicFile(fd, partial, path, /*keeps_partial=*/true));
  const off_t size = lseek(fd, 0, SEEK_END);
  if (size < 0) return FileError(errno, "cannot measure", partial);
  if (static_cast<uint64_t>(size) < keep) {
    return absl::OutOfRangeError(
        absl::StrCat(partial, " holds ", size, " bytes, fewer than ", keep));
  }
  if (ftruncate(fd, static_cast<off_t>(keep)) != 0) {
    return FileError(errno, "cannot shorten", partial);
  }
  return file;
}

AtomicFile::AtomicFile(int fd, std::string temporary, std::string path, bool keeps_partial)
    : fd_(fd),
      temporary_(std::move(temporary)),
      path_(std::move(path)),
      keeps_partial_(keeps_partial) {}

AtomicFile::~AtomicFile() {
  if (keeps_partial_ && fd_ >= 0) close(std::exchange(fd_, -1));
  Discard();
}

void AtomicFile::Discard() {
  if (fd_ < 0) return;
  close(std::exchange(fd_, -1));
  unlink(temporary_.c_str());
}

absl::Status AtomicFile::Fail(int error_number, std::string_view what) {
  Discard();
  return FileError(error_number, what, path_);
}

absl::Status AtomicFile::CheckOpen() const {
  if (fd_ >= 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(path_, ": already committed, or given up after an error"));
}

absl::Status AtomicFile::Append(std::string_view bytes) {
  RETURN_IF_ERROR(CheckOpen());
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(written);
    } else if (errno != EINTR) {
      return Fail(errno, "cannot write");
    }
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  RETURN_IF_ERROR(CheckOpen());
  if (fsync(fd_) != 0) return Fail(errno, "cannot sync");
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return Fail(errno, "cannot put in place");
  close(std::exchange(fd_, -1));
  return SyncFolder(FolderOf(path_));
}

absl::Status WriteFileAtomically(const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(const std::unique_ptr<AtomicFile> file, AtomicFile::Create(path));
  RETURN_IF_ERROR(file->Append(bytes));
  return file->Commit();
}

absl::Status RemoveTemporaryFiles(const std::string& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator it(folder, error); !error && it != end;
       it.increment(error)) {
    const std::string path = it->path().string();
    if (!IsTemporary(*it)) continue;
    if (unlink(path.c_str()) != 0) return FileError(errno, "cannot remove", path);
  }
  if (error && error.value() != ENOENT) return FileError(error.value(), "cannot list", folder);
  return absl::OkStatus();
}

absl::Status ReadFileInPieces(const std::string& path,
                              const std::function<void(std::string_view)>& take) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FileError(errno, "cannot open", path);
  const absl::Cleanup closer = [fd] { close(fd); };
  std::vector<char> buffer(kPieceBytes);
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got == 0) return absl::OkStatus();
    if (got > 0) {
      take({buffer.data(), static_cast<size_t>(got)});
    } else if (errno != EINTR) {
      return FileError(errno, "cannot read", path);
    }
  }
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::string content;
  RETURN_IF_ERROR(ReadFileInPieces(path, [&](std::string_view piece) { content += piece; }));
  return content;
}

}  // namespace outerloop
