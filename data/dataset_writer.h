// A data set file whose images come from many threads.
#ifndef OUTERLOOP_DATA_DATASET_WRITER_H_
#define OUTERLOOP_DATA_DATASET_WRITER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "data/dataset_file.h"

namespace outerloop::data {

// Writes images straight to their places in a file, and holds none. WriteImage is thread-safe, the
// rest not.
class DatasetWriter {
 public:
  // Replaces the content of the file at `path`. INVALID_ARGUMENT as DatasetPreamble; a file's
  // errors, RESOURCE_EXHAUSTED if the disk is full.
  static absl::StatusOr<std::unique_ptr<DatasetWriter>> Create(const std::string& path,
                                                               DatasetIndex index);
  ~DatasetWriter();
  DatasetWriter(const DatasetWriter&) = delete;
  DatasetWriter& operator=(const DatasetWriter&) = delete;

  // `pixels` is C x H x W. Rows are those of the index, class by class; each is written once.
  absl::Status WriteImage(uint64_t row, std::span<const uint8_t> pixels);

  // Takes out the rows that are set in `left_out` (by row; they need not have been written), and
  // the classes that lose all of theirs: the file has then the same bytes as if they had never been
  // there. Returns its index. Call once, last. INVALID_ARGUMENT if nothing is left.
  absl::StatusOr<DatasetIndex> Finish(const std::vector<bool>& left_out);

 private:
  DatasetWriter(int fd, std::string path, DatasetIndex index)
      : fd_(fd), path_(std::move(path)), index_(std::move(index)) {}

  absl::Status WritePreamble();
  absl::Status WriteAt(uint64_t offset, std::span<const uint8_t> bytes) const;
  absl::Status MoveImage(uint64_t from, uint64_t to) const;

  const int fd_;
  const std::string path_;
  DatasetIndex index_;
  uint64_t images_at_ = 0;  // Where the images begin in the file.
};

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_DATASET_WRITER_H_
