// Computes one problem's meta-gradient again and again, as a worker would.
#ifndef OUTERLOOP_BENCHMARKS_PEERS_ENGINE_H_
#define OUTERLOOP_BENCHMARKS_PEERS_ENGINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "benchmarks/peers/problem.h"
#include "meta/algorithms/algorithm.h"
#include "worker/compute_pool.h"
#include "worker/device.h"

namespace outerloop::benchmarks {

// Tasks are cut into shards of `training.tasks_per_shard`; each is computed whole, on one thread,
// or on the GPU. Used by one thread at a time. Errors are those of LibTorch.
class Engine {
 public:
  // The problem is on `device`. `threads` >= 1: of a CPU; a GPU has one.
  Engine(Problem problem, const worker::Device& device, int threads);

  // Summed over all tasks.
  absl::StatusOr<meta::ShardGradient> MetaGradient();

  // Writes a safetensors file with each task's own `gradients` [T, P], parameters in name order, in
  // the type of the problem's, and `losses` [T], F64.
  absl::Status WriteTaskGradients(const std::string& path);

 private:
  // The tasks in pieces of `size`, the last perhaps smaller.
  std::vector<meta::TaskShard> Cut(int64_t size) const;
  // One result a shard.
  absl::StatusOr<std::vector<meta::ShardGradient>> Differentiate(
      const std::vector<meta::TaskShard>& shards);

  const Problem problem_;
  const std::shared_ptr<const meta::Algorithm> algorithm_;
  const std::vector<meta::TaskShard> shards_;
  worker::ComputePool pool_;
};

}  // namespace outerloop::benchmarks

#endif  // OUTERLOOP_BENCHMARKS_PEERS_ENGINE_H_
