#ifndef OUTERLOOP_DATA_FOLDER_SOURCE_H_
#define OUTERLOOP_DATA_FOLDER_SOURCE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/file_source.h"

namespace outerloop::data {

// The files of a folder at any depth. See file_source.h.
class FolderSource final : public FileSource {
 public:
  // Lists the whole folder.
  static absl::StatusOr<std::unique_ptr<FileSource>> Open(const std::string& folder);

  absl::StatusOr<std::optional<SourceEntry>> Next() override;
  absl::StatusOr<std::string> Read(uint64_t max_bytes) override;

 private:
  FolderSource(std::string folder, std::vector<SourceEntry> entries)
      : folder_(std::move(folder)), entries_(std::move(entries)) {}

  const std::string folder_;
  const std::vector<SourceEntry> entries_;
  size_t next_ = 0;
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_FOLDER_SOURCE_H_
