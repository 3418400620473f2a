#include "data/file_source.h"

#include <filesystem>
#include <system_error>

#include "data/archive_source.h"
#include "data/folder_source.h"

namespace outerloop::data {

absl::StatusOr<std::unique_ptr<FileSource>> OpenFileSource(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return FolderSource::Open(path);
  return ArchiveSource::Open(path, ArchiveSource::Formats::kAll);
}

}  // namespace outerloop::data
