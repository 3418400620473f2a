// Small conversions between a shard's tensors and what an algorithm returns.
#ifndef OUTERLOOP_META_ALGORITHMS_TASK_VALUES_H_
#define OUTERLOOP_META_ALGORITHMS_TASK_VALUES_H_

#include <cstdint>
#include <vector>

#include "torch/torch.h"

namespace outerloop::meta {

// One row of parameters a task, [tasks, P] of [P], without copying any.
inline torch::Tensor ForEachTask(const torch::Tensor& parameters, int64_t tasks) {
  return parameters.expand({tasks, parameters.size(0)});
}

// Over the tasks, in double: [].
inline torch::Tensor Sum(const torch::Tensor& tasks) { return tasks.to(torch::kDouble).sum(); }

inline std::vector<float> ToVector(const torch::Tensor& scores) {
  const torch::Tensor host = scores.to(torch::kCPU, torch::kFloat).contiguous();
  const float* const values = host.data_ptr<float>();
  return {values, values + host.numel()};
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_ALGORITHMS_TASK_VALUES_H_
