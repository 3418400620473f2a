#include "worker/loaders/regression_loader.h"

#include <cstring>
#include <vector>

#include "common/status_macros.h"
#include "worker/loaders/checked_tasks.h"

namespace outerloop::worker {
namespace {

using data::RegressionTask;

// One of the task's lists of points.
using Points = std::vector<float> RegressionTask::*;

absl::StatusOr<TaskSizes> CheckTask(const RegressionTask& task) {
  const bool paired = task.support_inputs.size() == task.support_targets.size() &&
                      task.query_inputs.size() == task.query_targets.size();
  if (paired && !task.support_inputs.empty() && !task.query_inputs.empty()) {
    return TaskSizes{task.support_inputs.size(), task.query_inputs.size()};
  }
  return absl::InvalidArgumentError("points without a target, or no points");
}

// [T, N, 1]
torch::Tensor LoadPoints(std::span<const RegressionTask> tasks, Points points) {
  const size_t count = (tasks[0].*points).size();
  torch::Tensor values = torch::empty(
      {static_cast<int64_t>(tasks.size()), static_cast<int64_t>(count), 1}, torch::kFloat32);
  float* out = values.data_ptr<float>();
  for (const RegressionTask& task : tasks) {
    std::memcpy(out, (task.*points).data(), count * sizeof(float));
    out += count;
  }
  return values;
}

}  // namespace

meta::TaskShape RegressionLoader::shape() const {
  return {.targets = meta::TaskShape::Targets::kValues, .inputs = {1}, .outputs = 1};
}

absl::StatusOr<meta::TaskShard> RegressionLoader::Load(std::span<const data::Task> tasks) const {
  ASSIGN_OR_RETURN(const auto curves, CheckedTasks<RegressionTask>(tasks, CheckTask));
  return meta::TaskShard{.support_inputs = LoadPoints(curves, &RegressionTask::support_inputs),
                         .support_targets = LoadPoints(curves, &RegressionTask::support_targets),
                         .query_inputs = LoadPoints(curves, &RegressionTask::query_inputs),
                         .query_targets = LoadPoints(curves, &RegressionTask::query_targets)};
}

}  // namespace outerloop::worker
