// A disk that is soon full.
#ifndef OUTERLOOP_TESTS_SUPPORT_SMALL_DISK_H_
#define OUTERLOOP_TESTS_SUPPORT_SMALL_DISK_H_

#include <string>

namespace outerloop::tests {

// A small file system of its own, unmounted when destroyed.
class SmallDisk {
 public:
  // At `path`, which is made; `size` as mount takes it, e.g. "4m".
  SmallDisk(const std::string& path, const std::string& size);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // False where mounting is not permitted.
  bool is_mounted() const { return is_mounted_; }

 private:
  const std::string path_;
  const bool is_mounted_;
};

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_SUPPORT_SMALL_DISK_H_
