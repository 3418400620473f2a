// What a process of this machine has used so far.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_PROCESS_USAGE_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_PROCESS_USAGE_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace outerloop::control_plane {

struct ProcessUsage {
  uint64_t resident_bytes = 0;  // VmRSS of /proc/PID/status.
  uint64_t peak_bytes = 0;      // VmHWM: the most that was ever resident.
  absl::Duration cpu;           // User and system time of all its threads.
};

// NOT_FOUND if there is no such process.
absl::StatusOr<ProcessUsage> ReadProcessUsage(pid_t pid);

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_PROCESS_USAGE_H_
