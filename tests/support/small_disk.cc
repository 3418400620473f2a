#include "tests/support/small_disk.h"

#include <sys/mount.h>

#include <filesystem>

namespace outerloop::tests {
namespace {

bool Mount(const std::string& path, const std::string& size) {
  std::filesystem::create_directories(path);
  return mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
}

}  // namespace

SmallDisk::SmallDisk(const std::string& path, const std::string& size)
    : path_(path), is_mounted_(Mount(path, size)) {}

SmallDisk::~SmallDisk() {
  if (is_mounted_) umount2(path_.c_str(), MNT_DETACH);
}

}  // namespace outerloop::tests
