#include "meta/algorithms/algorithm.h"

namespace outerloop::meta {

ShardGradient Algorithm::MetaGradient(const torch::Tensor& parameters, const TaskShard& shard,
                                      uint64_t step) const {
  const TaskSums sums = Differentiate(parameters, shard, step);
  ShardGradient read{.gradient = sums.gradient, .loss = sums.loss.item<double>(), .accuracy = {}};
  if (sums.accuracy.defined()) read.accuracy = sums.accuracy.item<double>();
  return read;
}

}  // namespace outerloop::meta
