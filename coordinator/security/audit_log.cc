#include "coordinator/security/audit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "nlohmann/json.hpp"
#include "spdlog/spdlog.h"

namespace outerloop::coordinator {

std::string ToJsonLine(const AuditEntry& entry) {
  nlohmann::ordered_json line = {
      {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", entry.time, absl::UTCTimeZone())},
      {"peer", entry.peer},
      {"name", entry.name},
      {"role", entry.role},
      {"method", entry.method},
      {"target", entry.target},
      {"outcome", entry.outcome}};
  if (entry.left_out > 0) line["left_out"] = entry.left_out;
  // What callers sent need not be UTF-8.
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) return std::unique_ptr<AuditLog>(new AuditLog(fd, path));
  return absl::InvalidArgumentError(
      absl::StrCat("--audit-log: ", FileError(errno, "open", path).message()));
}

AuditLog::~AuditLog() { close(fd_); }

void AuditLog::Write(const AuditEntry& entry) {
  const std::string line = ToJsonLine(entry);
  const ssize_t written = write(fd_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return;
  spdlog::error("cannot write to {}; not in it: {}", path_, line.substr(0, line.size() - 1));
}

}  // namespace outerloop::coordinator
