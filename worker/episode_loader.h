// Tasks as tensors.
#ifndef OUTERLOOP_WORKER_EPISODE_LOADER_H_
#define OUTERLOOP_WORKER_EPISODE_LOADER_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "data/dataset_file.h"
#include "data/task.h"
#include "meta/task_shard.h"

namespace outerloop::worker {

// Turns the tasks of a shard into one batch on the CPU: pixels as float32 ink in [0, 1], turned
// counter-clockwise by their class's quarter turns, with the way's number as target; or points as
// [T, N, 1]. Immutable.
class EpisodeLoader {
 public:
  // For regression, which needs no data set.
  EpisodeLoader() = default;
  // For tasks of `ways` classes, whose rows are images of `dataset`, which must outlive the loader.
  EpisodeLoader(const data::DatasetView& dataset, uint32_t ways)
      : dataset_(&dataset), ways_(ways) {}

  // INVALID_ARGUMENT, naming the task, unless there is at least one, all have the same sizes and
  // are of the right kind, and every class, row and rotation exists in the data set (a quarter turn
  // needs square images). Whatever the tasks hold, nothing is read outside the data set.
  absl::StatusOr<meta::TaskShard> Load(std::span<const data::Task> tasks) const;

 private:
  const data::DatasetView* dataset_ = nullptr;
  uint32_t ways_ = 0;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_EPISODE_LOADER_H_
