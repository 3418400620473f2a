// The folder a coordinator keeps everything in, and its lock.
#ifndef OUTERLOOP_COORDINATOR_STORE_DATA_FOLDER_H_
#define OUTERLOOP_COORDINATOR_STORE_DATA_FOLDER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace outerloop::coordinator {

// Holds the folder for this process until destroyed; the lock dies with the process, so a killed
// coordinator leaves none behind.
class DataFolder {
 public:
  // Makes the folder if needed. FAILED_PRECONDITION, naming the folder and the owner's process id,
  // if another coordinator holds it.
  static absl::StatusOr<std::unique_ptr<DataFolder>> Lock(const std::string& path);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  std::string database_path() const { return path_ + "/outerloop.db"; }
  std::string blob_folder() const { return path_ + "/blobs"; }

 private:
  DataFolder(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}

  const std::string path_;
  const int lock_fd_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_DATA_FOLDER_H_
