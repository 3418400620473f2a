#include "benchmarks/control_plane/process_usage.h"

#include <unistd.h>

#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace outerloop::control_plane {
namespace {

// The number after `key` in lines of the form "VmHWM:   1234 kB", in bytes.
uint64_t BytesOf(const std::string& status, const std::string& key) {
  const size_t at = status.find(key + ":");
  return at == std::string::npos ? 0 : 1024 * std::stoull(status.substr(at + key.size() + 1));
}

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Fields 14 and 15 of proc(5)'s stat, counted from behind the program's name, which may hold
// spaces.
absl::Duration CpuOf(const std::string& stat) {
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  uint64_t user = 0, system = 0;
  fields >> user >> system;
  return absl::Seconds(static_cast<double>(user + system) /
                       static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace

absl::StatusOr<ProcessUsage> ReadProcessUsage(pid_t pid) {
  const std::string status = ReadAll(absl::StrCat("/proc/", pid, "/status"));
  const std::string stat = ReadAll(absl::StrCat("/proc/", pid, "/stat"));
  if (status.empty() || stat.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no process ", pid));
  }
  return ProcessUsage{BytesOf(status, "VmRSS"), BytesOf(status, "VmHWM"), CpuOf(stat)};
}

}  // namespace outerloop::control_plane
