#include "data/archive_source.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"

namespace outerloop::data {
namespace {

constexpr size_t kBlockBytes = 65536;

struct FreeArchive {
  void operator()(struct archive* reader) const { archive_read_free(reader); }
};

// libarchive gives names in the locale's encoding, and in the "C" locale gives up on a name that is
// not ASCII. While one of these lives, the thread's locale has UTF-8.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_ != nullptr) previous_ = uselocale(locale_);
  }
  ~Utf8Locale() {
    if (locale_ == nullptr) return;
    uselocale(previous_);
    freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  const locale_t locale_;
  locale_t previous_ = nullptr;
};

bool IsSafePath(absl::string_view path) {
  if (path.find('\\') != path.npos) return false;
  for (absl::string_view component : absl::StrSplit(path, '/')) {
    if (component.empty() || component == "." || component == "..") return false;
  }
  return true;
}

bool IsTar(struct archive* reader) {
  return (archive_format(reader) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
}

// The entry's path without a folder's last '/'. `tar -C FOLDER .` begins paths with "./", and its
// first entry is "." itself, which becomes empty.
std::string PathOf(struct archive* reader, struct archive_entry* header, bool is_folder) {
  const char* name = archive_entry_pathname(header);
  absl::string_view path = name == nullptr ? "" : name;
  if (IsTar(reader)) {
    if (is_folder && path == "./") return "";
    absl::ConsumePrefix(&path, "./");
  }
  if (is_folder) absl::ConsumeSuffix(&path, "/");
  return std::string(path);
}

std::string ProblemOf(struct archive_entry* header, absl::string_view path, bool is_folder) {
  const bool is_root = is_folder && path.empty();
  if (!is_root && !IsSafePath(path)) return "the path is empty or leads out of the archive";
  const bool is_link =
      archive_entry_filetype(header) == AE_IFLNK || archive_entry_hardlink(header) != nullptr;
  if (is_link) return "a link; links are not followed";
  const bool is_file = archive_entry_filetype(header) == AE_IFREG;
  return is_file || is_folder ? "" : "neither a file nor a folder";
}

}  // namespace

// Everything but plain success of libarchive is an error: it reports what it could only partly
// understand as a warning.
class ArchiveSource::Reader {
 public:
  Reader(std::string name, Formats formats)
      : name_(std::move(name)),
        kind_(formats == Formats::kZip ? "zip archive" : "folder, zip, tar or tar.gz archive"),
        reader_(archive_read_new()) {
    if (reader_ == nullptr) return;
    archive_read_support_format_zip_seekable(reader_.get());
    if (formats == Formats::kZip) return;
    archive_read_support_format_tar(reader_.get());
    archive_read_support_filter_gzip(reader_.get());
  }

  absl::Status OpenFile() {
    if (reader_ == nullptr) return absl::ResourceExhaustedError("out of memory");
    if (access(name_.c_str(), R_OK) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", name_));
    }
    const int result = archive_read_open_filename(reader_.get(), name_.c_str(), kBlockBytes);
    return result == ARCHIVE_OK ? absl::OkStatus() : Broken();
  }

  absl::Status OpenMemory(std::string_view bytes) {
    if (reader_ == nullptr) return absl::ResourceExhaustedError("out of memory");
    const int result = archive_read_open_memory(reader_.get(), bytes.data(), bytes.size());
    return result == ARCHIVE_OK ? absl::OkStatus() : Broken();
  }

  absl::StatusOr<std::optional<SourceEntry>> Next() {
    const Utf8Locale locale;
    while (true) {
      path_.clear();
      const int result = archive_read_next_header(reader_.get(), &header_);
      if (result == ARCHIVE_EOF) return std::nullopt;
      if (result != ARCHIVE_OK) return Broken();
      const bool is_folder = archive_entry_filetype(header_) == AE_IFDIR;
      path_ = PathOf(reader_.get(), header_, is_folder);
      std::string problem = ProblemOf(header_, path_, is_folder);
      if (is_folder && problem.empty()) continue;
      return SourceEntry{.path = path_, .problem = std::move(problem)};
    }
  }

  absl::StatusOr<std::string> Read(uint64_t max_bytes) {
    const Utf8Locale locale;
    std::string bytes;
    char buffer[16384];
    while (true) {
      const la_ssize_t count = archive_read_data(reader_.get(), buffer, sizeof(buffer));
      if (count < 0) return absl::InvalidArgumentError(BrokenText());
      if (count == 0) return bytes;
      bytes.append(buffer, static_cast<size_t>(count));
      if (bytes.size() > max_bytes) {
        return absl::InvalidArgumentError(absl::StrCat("more than ", max_bytes, " bytes unpacked"));
      }
    }
  }

 private:
  // What libarchive has just reported.
  std::string BrokenText() const {
    const char* reason = archive_error_string(reader_.get());
    return absl::StrCat("no ", kind_, ", or a corrupt or truncated one (",
                        reason == nullptr ? "unknown error" : reason, ")");
  }
  absl::Status Broken() const {
    return absl::InvalidArgumentError(absl::StrCat(name_, ": ", BrokenText()));
  }

  const std::string name_;
  const absl::string_view kind_;
  const std::unique_ptr<struct archive, FreeArchive> reader_;
  struct archive_entry* header_ = nullptr;  // Of the entry being read.
  std::string path_;                        // Its path; empty between entries.
};

ArchiveSource::ArchiveSource(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
ArchiveSource::~ArchiveSource() = default;

absl::StatusOr<std::unique_ptr<FileSource>> ArchiveSource::Open(const std::string& path,
                                                                Formats formats) {
  auto reader = std::make_unique<Reader>(path, formats);
  RETURN_IF_ERROR(reader->OpenFile());
  return std::unique_ptr<FileSource>(new ArchiveSource(std::move(reader)));
}

absl::StatusOr<std::unique_ptr<FileSource>> ArchiveSource::OpenBytes(const std::string& name,
                                                                     std::string_view bytes) {
  auto reader = std::make_unique<Reader>(name, Formats::kAll);
  RETURN_IF_ERROR(reader->OpenMemory(bytes));
  return std::unique_ptr<FileSource>(new ArchiveSource(std::move(reader)));
}

absl::StatusOr<std::optional<SourceEntry>> ArchiveSource::Next() { return reader_->Next(); }

absl::StatusOr<std::string> ArchiveSource::Read(uint64_t max_bytes) {
  return reader_->Read(max_bytes);
}

}  // namespace outerloop::data
