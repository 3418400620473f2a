#include "data/zip_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"

namespace outerloop::data {
namespace {

struct CloseArchive {
  void operator()(struct archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<struct archive, CloseArchive>;

absl::string_view ReasonOf(struct archive* reader) {
  const char* reason = archive_error_string(reader);
  return reason == nullptr ? "unknown error" : reason;
}

bool IsSafePath(absl::string_view path) {
  if (path.find('\\') != path.npos) return false;
  for (absl::string_view component : absl::StrSplit(path, '/')) {
    if (component.empty() || component == "." || component == "..") return false;
  }
  return true;
}

// Walks one archive. Everything but plain success is an error: libarchive reports what it could
// only partly understand as a warning.
class ZipWalk {
 public:
  ZipWalk(const std::string& path, const ArchiveLimits& limits)
      : path_(path), limits_(limits), reader_(archive_read_new()) {}

  absl::StatusOr<std::vector<ArchiveEntry>> Read() {
    RETURN_IF_ERROR(Open());
    std::vector<ArchiveEntry> files;
    for (;;) {
      entry_.clear();
      struct archive_entry* header = nullptr;
      const int result = archive_read_next_header(reader_.get(), &header);
      if (result == ARCHIVE_EOF) return files;
      if (result != ARCHIVE_OK) return Broken();
      RETURN_IF_ERROR(ReadEntry(header, files));
    }
  }

 private:
  absl::Status Open() {
    if (reader_ == nullptr) return absl::ResourceExhaustedError("out of memory");
    if (access(path_.c_str(), R_OK) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path_));
    }
    archive_read_support_format_zip_seekable(reader_.get());
    constexpr size_t kBlockBytes = 65536;
    if (archive_read_open_filename(reader_.get(), path_.c_str(), kBlockBytes) != ARCHIVE_OK) {
      return Broken();
    }
    return absl::OkStatus();
  }

  absl::Status ReadEntry(struct archive_entry* header, std::vector<ArchiveEntry>& files) {
    const char* name = archive_entry_pathname(header);
    entry_ = name == nullptr ? "" : name;
    if (++entries_ > limits_.entries) {
      return Bad(absl::StrCat("more than ", limits_.entries, " entries"));
    }
    const bool folder = archive_entry_filetype(header) == AE_IFDIR;
    absl::string_view path = entry_;
    if (folder && absl::EndsWith(path, "/")) path.remove_suffix(1);
    if (!IsSafePath(path)) return Bad("the path is empty or leads out of the archive");
    if (folder) return absl::OkStatus();
    if (archive_entry_filetype(header) != AE_IFREG) return Bad("neither a file nor a folder");
    ASSIGN_OR_RETURN(std::string bytes, ReadBytes());
    files.push_back({.path = entry_, .bytes = std::move(bytes)});
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReadBytes() {
    std::string bytes;
    char buffer[16384];
    for (;;) {
      const la_ssize_t count = archive_read_data(reader_.get(), buffer, sizeof(buffer));
      if (count < 0) return Broken();
      if (count == 0) return bytes;
      bytes.append(buffer, static_cast<size_t>(count));
      total_ += static_cast<uint64_t>(count);
      if (bytes.size() > limits_.entry_bytes) {
        return Bad(absl::StrCat("more than ", limits_.entry_bytes, " bytes unpacked"));
      }
      if (total_ > limits_.total_bytes) {
        return Bad(absl::StrCat("more than ", limits_.total_bytes, " bytes unpacked in all"));
      }
    }
  }

  // What libarchive has just reported.
  absl::Status Broken() const {
    return Bad(absl::StrCat("no zip archive, or a corrupt or truncated one (",
                            ReasonOf(reader_.get()), ")"));
  }

  absl::Status Bad(absl::string_view what) const {
    const std::string where = entry_.empty() ? path_ : absl::StrCat(path_, ": ", entry_);
    return absl::InvalidArgumentError(absl::StrCat(where, ": ", what));
  }

  const std::string path_;
  const ArchiveLimits limits_;
  const Reader reader_;
  std::string entry_;  // The one being read; empty between entries.
  uint64_t entries_ = 0;
  uint64_t total_ = 0;  // Bytes unpacked.
};

}  // namespace

absl::StatusOr<std::vector<ArchiveEntry>> ReadZip(const std::string& path,
                                                  const ArchiveLimits& limits) {
  return ZipWalk(path, limits).Read();
}

}  // namespace outerloop::data
