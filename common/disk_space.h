// Room on a disk.
#ifndef OUTERLOOP_COMMON_DISK_SPACE_H_
#define OUTERLOOP_COMMON_DISK_SPACE_H_

#include <optional>
#include <string>

#include "common/capacity_gauge.h"

namespace outerloop {

// Of the file system that `path` lies on; free is what others than root may use. Nothing if it
// cannot be told.
std::optional<Capacity> MeasureDisk(const std::string& path);

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_DISK_SPACE_H_
