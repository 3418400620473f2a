// The tasks that are computed together: the unit of work and of rounding.
#ifndef OUTERLOOP_META_TASK_SHARD_H_
#define OUTERLOOP_META_TASK_SHARD_H_

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

  int64_t tasks() const { return support_inputs.size(0); }
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_TASK_SHARD_H_
