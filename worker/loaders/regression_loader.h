// Points of curves as tensors.
#ifndef OUTERLOOP_WORKER_LOADERS_REGRESSION_LOADER_H_
#define OUTERLOOP_WORKER_LOADERS_REGRESSION_LOADER_H_

#include "worker/loaders/episode_loader.h"

namespace outerloop::worker {

// RegressionTasks: inputs and targets are [T, N, 1].
class RegressionLoader final : public EpisodeLoader {
 public:
  meta::TaskShape shape() const override;
  absl::StatusOr<meta::TaskShard> Load(std::span<const data::Task> tasks) const override;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_LOADERS_REGRESSION_LOADER_H_
