// What was changed, by whom.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_AUDIT_LOG_H_
#define OUTERLOOP_COORDINATOR_SECURITY_AUDIT_LOG_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/security/caller.h"

namespace outerloop::coordinator {

struct AuditEntry {
  absl::Time time;
  std::string peer;       // As gRPC says it, "ipv4:10.0.0.7:51234". "" where it is not known.
  std::string name;       // Of the caller; "" if nobody was asked, or did not say.
  std::string role;       // "" if the caller did not say who they are.
  std::string method;     // "outerloop.v1.JobService/CancelJob".
  std::string target;     // The job or data set that the request names.
  std::string outcome;    // "OK", or the code of the status it ended with.
  uint64_t left_out = 0;  // Refused calls before this one that have no entry.
};

// A line of JSON. Every field is there, but for `left_out` if it is 0; the time is RFC 3339 in UTC.
std::string ToJsonLine(const AuditEntry& entry);

// A file that lines are added to. Each is one write(2) at the file's end, so that it is there as a
// whole or not at all. Thread-safe.
class AuditLog {
 public:
  // INVALID_ARGUMENT, naming --audit-log, if the file cannot be opened. It is made if it is
  // missing, for its owner alone to read.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(const std::string& path);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // A line that cannot be written is logged instead: the call it speaks of has been.
  void Write(const AuditEntry& entry);

 private:
  AuditLog(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  const int fd_;
  const std::string path_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_AUDIT_LOG_H_
