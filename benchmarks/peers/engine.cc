#include "benchmarks/peers/engine.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/atomic_file.h"
#include "common/safetensors.h"
#include "common/status_macros.h"
#include "worker/device_algorithm.h"
#include "worker/torch_boundary.h"

namespace outerloop::benchmarks {
namespace {

meta::TaskShard Slice(const meta::TaskShard& tasks, int64_t first, int64_t count) {
  return meta::Changed(
      tasks, [first, count](const torch::Tensor& all) { return all.narrow(0, first, count); });
}

// Of a contiguous tensor of float or double.
TensorView ViewOf(const torch::Tensor& tensor) {
  return {tensor.scalar_type() == torch::kFloat64 ? TensorType::kF64 : TensorType::kF32,
          tensor.sizes().vec(),
          {static_cast<const uint8_t*>(tensor.data_ptr()), tensor.nbytes()}};
}

}  // namespace

Engine::Engine(Problem problem, const worker::Device& device, int threads)
    : problem_(std::move(problem)),
      algorithm_(worker::AlgorithmOn(device, problem_.experiment)),
      shards_(Cut(problem_.experiment->tasks_per_shard())),
      pool_(device.cuda ? 1 : threads, worker::ComputeOnThisThreadAlone) {}

std::vector<meta::TaskShard> Engine::Cut(int64_t size) const {
  std::vector<meta::TaskShard> shards;
  const int64_t tasks = problem_.tasks.tasks();
  for (int64_t first = 0; first < tasks; first += size) {
    shards.push_back(Slice(problem_.tasks, first, std::min(size, tasks - first)));
  }
  return shards;
}

absl::StatusOr<std::vector<meta::ShardGradient>> Engine::Differentiate(
    const std::vector<meta::TaskShard>& shards) {
  std::vector<absl::StatusOr<meta::ShardGradient>> results(shards.size());
  pool_.ForEach(shards.size(), [&](size_t number) {
    const torch::NoGradGuard no_grad;
    results[number] = worker::WithinTorch([&]() -> absl::StatusOr<meta::ShardGradient> {
      return algorithm_->MetaGradient(problem_.parameters, shards[number]);
    });
  });
  std::vector<meta::ShardGradient> gradients;
  for (auto& result : results) {
    ASSIGN_OR_RETURN(meta::ShardGradient gradient, std::move(result));
    gradients.push_back(std::move(gradient));
  }
  return gradients;
}

absl::StatusOr<meta::ShardGradient> Engine::MetaGradient() {
  ASSIGN_OR_RETURN(const std::vector<meta::ShardGradient> shards, Differentiate(shards_));
  meta::ShardGradient sum;
  sum.gradient = torch::zeros_like(problem_.parameters);
  for (const meta::ShardGradient& shard : shards) {
    sum.gradient += shard.gradient;
    sum.loss += shard.loss;
  }
  return sum;
}

absl::Status Engine::WriteTaskGradients(const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<meta::ShardGradient> tasks, Differentiate(Cut(/*size=*/1)));
  std::vector<torch::Tensor> rows;
  std::vector<double> losses;
  for (const meta::ShardGradient& task : tasks) {
    rows.push_back(task.gradient.cpu());
    losses.push_back(task.loss);
  }
  const torch::Tensor gradients = torch::stack(rows);
  const torch::Tensor loss = torch::tensor(losses, torch::kFloat64);
  const SafetensorsFile file{
      .tensors = {{"gradients", ViewOf(gradients)}, {"losses", ViewOf(loss)}}, .metadata = {}};
  return WriteFileAtomically(path, SafetensorsToString(file));
}

}  // namespace outerloop::benchmarks
