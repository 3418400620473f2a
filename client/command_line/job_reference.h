// A job, or one of its checkpoints, as people name it.
#ifndef OUTERLOOP_CLIENT_COMMAND_LINE_JOB_REFERENCE_H_
#define OUTERLOOP_CLIENT_COMMAND_LINE_JOB_REFERENCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace outerloop::client {

struct JobReference {
  std::string job;               // Id or name.
  std::optional<uint64_t> step;  // Of a checkpoint; none: the latest.
};

// JOB or JOB@STEP. INVALID_ARGUMENT, saying which form is allowed.
absl::StatusOr<JobReference> ParseJobReference(const std::string& text);

// For CLI11: "" if ParseJobReference takes `text`, else its message.
std::string CheckJobReference(const std::string& text);

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_COMMAND_LINE_JOB_REFERENCE_H_
