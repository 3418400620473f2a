// A folder of its own for a test.
#ifndef OUTERLOOP_COORDINATOR_STORE_TEMPORARY_FOLDER_H_
#define OUTERLOOP_COORDINATOR_STORE_TEMPORARY_FOLDER_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace outerloop::coordinator {

// Empty when made, gone with all that is in it when destroyed.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "outerloop-test-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_STORE_TEMPORARY_FOLDER_H_
