// The tasks that are computed together: the unit of work and of rounding.
#ifndef OUTERLOOP_META_TASK_SHARD_H_
#define OUTERLOOP_META_TASK_SHARD_H_

#include <cstdint>

#include "torch/torch.h"

namespace outerloop::meta {

// T tasks with S support and Q query examples each. All tensors are on one device; inputs are of
// the parameters' floating type.
struct TaskShard {
  // [T, S, ...]: images [T, S, C, H, W] in [0, 1], points [T, S, X].
  torch::Tensor support_inputs;
  torch::Tensor support_targets;  // Classification: int64 [T, S]. Regression: [T, S, Y].
  torch::Tensor query_inputs;     // [T, Q, ...]
  torch::Tensor query_targets;    // As support_targets, with Q.
  // Classes of each task. Needed by algorithms whose outputs depend on it, who cannot count classes
  // without waiting for a GPU; otherwise it may be 0.
  int64_t ways = 0;

  int64_t tasks() const { return support_inputs.size(0); }
};

// The shard of what `change` makes of each tensor.
template <typename Change>
TaskShard Changed(const TaskShard& shard, const Change& change) {
  return {.support_inputs = change(shard.support_inputs),
          .support_targets = change(shard.support_targets),
          .query_inputs = change(shard.query_inputs),
          .query_targets = change(shard.query_targets),
          .ways = shard.ways};
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_TASK_SHARD_H_
