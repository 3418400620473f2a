// Which checkpoint of a job is meant.
#ifndef OUTERLOOP_COORDINATOR_CORE_SELECT_CHECKPOINT_H_
#define OUTERLOOP_COORDINATOR_CORE_SELECT_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/store/records.h"

namespace outerloop::coordinator {

// The one of `step`, or without a step the latest, of a job's checkpoints by step. NOT_FOUND,
// saying which steps there are, if there is none.
absl::StatusOr<CheckpointRecord> SelectCheckpoint(const std::vector<CheckpointRecord>& checkpoints,
                                                  std::optional<uint64_t> step);

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_SELECT_CHECKPOINT_H_
