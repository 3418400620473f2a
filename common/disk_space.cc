#include "common/disk_space.h"

#include <sys/statvfs.h>

namespace outerloop {

std::optional<Capacity> MeasureDisk(const std::string& path) {
  struct statvfs disk = {};
  if (statvfs(path.c_str(), &disk) != 0) return std::nullopt;
  return Capacity{.size_bytes = uint64_t{disk.f_blocks} * disk.f_frsize,
                  .free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize};
}

}  // namespace outerloop
