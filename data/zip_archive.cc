#include "data/zip_archive.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "data/archive_source.h"

namespace outerloop::data {
namespace {

absl::Status Bad(const std::string& archive, const std::string& entry, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(archive, ": ", entry, ": ", what));
}

}  // namespace

absl::StatusOr<std::vector<ArchiveEntry>> ReadZip(const std::string& path,
                                                  const ArchiveLimits& limits) {
  ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> source,
                   ArchiveSource::Open(path, ArchiveSource::Formats::kZip));
  std::vector<ArchiveEntry> files;
  uint64_t total = 0;
  while (true) {
    ASSIGN_OR_RETURN(std::optional<SourceEntry> entry, source->Next());
    if (!entry) return files;
    if (!entry->problem.empty()) return Bad(path, entry->path, entry->problem);
    if (files.size() == limits.entries) {
      return Bad(path, entry->path, absl::StrCat("more than ", limits.entries, " entries"));
    }
    absl::StatusOr<std::string> bytes = source->Read(limits.entry_bytes);
    if (!bytes.ok()) return Bad(path, entry->path, bytes.status().message());
    total += bytes->size();
    if (total > limits.total_bytes) {
      return Bad(path, entry->path,
                 absl::StrCat("more than ", limits.total_bytes, " bytes unpacked in all"));
    }
    files.push_back({.path = std::move(entry->path), .bytes = *std::move(bytes)});
  }
}

}  // namespace outerloop::data
