// All that changes from step to step.
#ifndef OUTERLOOP_WORKER_TRAINING_STATE_H_
#define OUTERLOOP_WORKER_TRAINING_STATE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "common/sha256.h"
#include "meta/optimizers/meta_optimizer.h"

namespace outerloop::worker {

// A job's state at a step boundary. Thread-compatible.
struct TrainingState {
  uint64_t step = 0;                    // Outer steps done.
  std::vector<float> parameters;        // [P], in name order.
  meta::OptimizerState optimizer = {};  // Buffers of [P].

  // The digest of the step: SHA-256 of the parameters' bytes, little endian.
  Sha256Digest ParametersDigest() const;
};

// The state as 64-bit integers, for a broadcast by all-reduce: the member that holds it gives
// these, all others zeros, and integers add exactly. They carry their own digest.
std::vector<int64_t> ToWords(const TrainingState& state);

// Words of a state with as many parameters and buffers as `shape`.
size_t WordCount(const TrainingState& shape);

// The state in `words`, to the bit, NaN payloads included. `shape` says how many parameters and
// which buffers it has; its values do not matter. DATA_LOSS unless the words are as ToWords gave
// them, as they are not when no member, or more than one, gave a state.
absl::StatusOr<TrainingState> FromWords(std::span<const int64_t> words, TrainingState shape);

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_TRAINING_STATE_H_
