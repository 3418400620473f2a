// Training states as files.
//
// safetensors, readable in Python: each parameter under its name, each of the meta-optimizer's
// buffers cut up likewise under `meta_optimizer.BUFFER.NAME`, all F32. Metadata: `format` =
// "outerloop.checkpoint.v1", `job` = its name, `step`, `parameters_sha256` (of the parameters in
// name order, little endian), `specification_sha256` (experiment.h).
#ifndef OUTERLOOP_WORKER_CHECKPOINT_H_
#define OUTERLOOP_WORKER_CHECKPOINT_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "worker/experiment.h"
#include "worker/training_state.h"

namespace outerloop::worker {

// The file. The same state and experiment give the same bytes.
std::string ToCheckpoint(const TrainingState& state, const Experiment& experiment);

// The state in the file. INVALID_ARGUMENT if it is no checkpoint, or not one of `experiment`
// (another specification, other names or shapes); DATA_LOSS if the parameters do not have the
// stated digest.
absl::StatusOr<TrainingState> FromCheckpoint(std::span<const uint8_t> bytes,
                                             const Experiment& experiment);

// The state in another job's checkpoint, as `experiment` goes on from it: its step and parameters;
// the meta-optimizer's buffers if it has just those that the experiment's has, else new ones.
// Errors as FromCheckpoint, but for the specification, which may be another.
absl::StatusOr<TrainingState> AdoptCheckpoint(std::span<const uint8_t> bytes,
                                              const Experiment& experiment);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_CHECKPOINT_H_
