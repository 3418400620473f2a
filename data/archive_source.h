#ifndef OUTERLOOP_DATA_ARCHIVE_SOURCE_H_
#define OUTERLOOP_DATA_ARCHIVE_SOURCE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/file_source.h"

namespace outerloop::data {

// The files of a zip, tar or tar.gz archive, in its order. See file_source.h. A zip archive is read
// by the directory at its end, so one that is cut off is no archive; a tar archive is read from its
// beginning, and ends with an error where it is cut off within a file, or anywhere if compressed.
// An entry has a problem if its path leads out of the archive, or if it is neither a file nor a
// folder: what a link names is never looked at. A leading "./" is taken off the paths of a tar
// archive.
class ArchiveSource final : public FileSource {
 public:
  enum class Formats { kAll, kZip };

  static absl::StatusOr<std::unique_ptr<FileSource>> Open(const std::string& path, Formats formats);
  // The same from memory, which must outlive the source. `name` stands in errors.
  static absl::StatusOr<std::unique_ptr<FileSource>> OpenBytes(const std::string& name,
                                                               std::string_view bytes);
  ~ArchiveSource() override;

  absl::StatusOr<std::optional<SourceEntry>> Next() override;
  absl::StatusOr<std::string> Read(uint64_t max_bytes) override;

 private:
  class Reader;
  explicit ArchiveSource(std::unique_ptr<Reader> reader);

  const std::unique_ptr<Reader> reader_;
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_ARCHIVE_SOURCE_H_
