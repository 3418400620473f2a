// Shards of tasks, a task at a time.
#ifndef OUTERLOOP_META_CPU_SHARD_H_
#define OUTERLOOP_META_CPU_SHARD_H_

#include <cstdint>
#include <memory>

#include "meta/cpu/parameter_packing.h"
#include "torch/torch.h"

namespace outerloop::meta::cpu {

// A task's values in a tensor [T, ...] that is contiguous but for, perhaps, equal rows.
template <typename T>
T* TaskOf(const torch::Tensor& tensor, int64_t task) {
  return tensor.data_ptr<T>() + task * tensor.stride(0);
}

// `rows` [T, P] with values that lie side by side: a view where it is one row for all tasks.
inline torch::Tensor Rows(const torch::Tensor& rows) {
  return rows.stride(-1) == 1 ? rows : rows.contiguous();
}

template <typename S>
std::shared_ptr<const PackedParameters<S>> Packed(const ParameterPacking<S>& packing,
                                                  const S* flat) {
  auto packed = std::make_shared<PackedParameters<S>>(packing.Allocate(/*transposed=*/true));
  packing.Pack(flat, *packed);
  return packed;
}

// Calls body(task, packed) for each row of `parameters` [T, P], with a shared pointer to its packed
// values. A row that all tasks share is packed once.
template <typename S, typename Body>
void ForEachTask(const ParameterPacking<S>& packing, const torch::Tensor& parameters,
                 const Body& body) {
  const torch::Tensor rows = Rows(parameters);
  std::shared_ptr<const PackedParameters<S>> packed;
  for (int64_t task = 0; task < rows.size(0); ++task) {
    if (packed == nullptr || rows.stride(0) != 0) packed = Packed(packing, TaskOf<S>(rows, task));
    body(task, packed);
  }
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_SHARD_H_
