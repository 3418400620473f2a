// A folder of a test's own.
#ifndef OUTERLOOP_COMMON_TEST_FOLDER_H_
#define OUTERLOOP_COMMON_TEST_FOLDER_H_

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace outerloop {

// A new, empty folder, removed with all it holds. For tests only. Thread-compatible.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "outerloop-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }
  // Of a file in it.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_TEST_FOLDER_H_
