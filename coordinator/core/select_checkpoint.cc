#include "coordinator/core/select_checkpoint.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace outerloop::coordinator {

absl::StatusOr<CheckpointRecord> SelectCheckpoint(const std::vector<CheckpointRecord>& checkpoints,
                                                  std::optional<uint64_t> step) {
  if (checkpoints.empty()) {
    return absl::NotFoundError(
        "the job has no checkpoint yet; `checkpoints.every_steps` says when it makes one");
  }
  if (!step.has_value()) return checkpoints.back();
  for (const CheckpointRecord& checkpoint : checkpoints) {
    if (checkpoint.step == *step) return checkpoint;
  }
  const std::string known =
      absl::StrJoin(checkpoints, ", ", [](std::string* out, const CheckpointRecord& checkpoint) {
        absl::StrAppend(out, checkpoint.step);
      });
  return absl::NotFoundError(
      absl::StrCat("the job has no checkpoint of step ", *step, "; there are those of ", known));
}

}  // namespace outerloop::coordinator
