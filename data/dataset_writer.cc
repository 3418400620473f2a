#include "data/dataset_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/status_macros.h"

namespace outerloop::data {
namespace {

// `index` without the rows that are left out.
DatasetIndex Without(const DatasetIndex& index, const std::vector<bool>& left_out) {
  DatasetIndex rest = index;
  rest.classes.clear();
  uint64_t row = 0;
  uint32_t kept = 0;
  for (DatasetClass c : index.classes) {
    const uint64_t end = row + c.examples;
    c.first_row = kept;
    for (; row < end; ++row) kept += left_out[row] ? 0 : 1;
    c.examples = kept - c.first_row;
    if (c.examples > 0) rest.classes.push_back(std::move(c));
  }
  return rest;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DatasetWriter>> DatasetWriter::Create(const std::string& path,
                                                                     DatasetIndex index) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return FileError(errno, "cannot open", path);
  std::unique_ptr<DatasetWriter> writer(new DatasetWriter(fd, path, std::move(index)));
  RETURN_IF_ERROR(writer->WritePreamble());
  return writer;
}

DatasetWriter::~DatasetWriter() { close(fd_); }

absl::Status DatasetWriter::WritePreamble() {
  ASSIGN_OR_RETURN(const std::string preamble, DatasetPreamble(index_));
  images_at_ = preamble.size();
  return WriteAt(0, {reinterpret_cast<const uint8_t*>(preamble.data()), preamble.size()});
}

absl::Status DatasetWriter::WriteAt(uint64_t offset, std::span<const uint8_t> bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(errno, "cannot write", path_);
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return absl::OkStatus();
}

absl::Status DatasetWriter::WriteImage(uint64_t row, std::span<const uint8_t> pixels) {
  assert(pixels.size() == index_.image_bytes());
  return WriteAt(images_at_ + row * pixels.size(), pixels);
}

absl::Status DatasetWriter::MoveImage(uint64_t from, uint64_t to) const {
  std::vector<uint8_t> pixels(index_.image_bytes());
  for (size_t got = 0; got < pixels.size();) {
    const ssize_t count =
        pread(fd_, pixels.data() + got, pixels.size() - got, static_cast<off_t>(from + got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError(errno, "cannot read", path_);
    if (count == 0) return absl::InternalError(absl::StrCat(path_, ": ends early"));
    got += static_cast<size_t>(count);
  }
  return WriteAt(to, pixels);
}

absl::StatusOr<DatasetIndex> DatasetWriter::Finish(const std::vector<bool>& left_out) {
  const uint64_t rows = index_.examples();
  const uint64_t old_images_at = images_at_;
  index_ = Without(index_, left_out);
  if (index_.examples() == rows) return index_;
  // The shorter preamble is never longer, so that no image is overwritten before it has moved.
  RETURN_IF_ERROR(WritePreamble());
  uint64_t kept = 0;
  for (uint64_t row = 0; row < rows; ++row) {
    if (left_out[row]) continue;
    RETURN_IF_ERROR(MoveImage(old_images_at + row * index_.image_bytes(),
                              images_at_ + kept * index_.image_bytes()));
    ++kept;
  }
  if (ftruncate(fd_, static_cast<off_t>(images_at_ + kept * index_.image_bytes())) != 0) {
    return FileError(errno, "cannot shorten", path_);
  }
  return index_;
}

}  // namespace outerloop::data
