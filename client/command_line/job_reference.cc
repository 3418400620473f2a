#include "client/command_line/job_reference.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace outerloop::client {

absl::StatusOr<JobReference> ParseJobReference(const std::string& text) {
  const size_t at = text.find('@');
  JobReference reference{.job = text.substr(0, at), .step = std::nullopt};
  uint64_t step = 0;
  const bool has_step = at != std::string::npos;
  if (reference.job.empty() || (has_step && !absl::SimpleAtoi(text.substr(at + 1), &step))) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' names no checkpoint; JOB or JOB@STEP, e.g. my-job@500"));
  }
  if (has_step) reference.step = step;
  return reference;
}

std::string CheckJobReference(const std::string& text) {
  return std::string(ParseJobReference(text).status().message());
}

}  // namespace outerloop::client
