// Tasks as tensors: what every form of task implements.
#ifndef OUTERLOOP_WORKER_LOADERS_EPISODE_LOADER_H_
#define OUTERLOOP_WORKER_LOADERS_EPISODE_LOADER_H_

#include <span>

#include "absl/status/statusor.h"
#include "data/task.h"
#include "meta/models/model_factory.h"
#include "meta/task_shard.h"

namespace outerloop::worker {

// Turns the tasks of a shard into one batch on the CPU. Immutable.
class EpisodeLoader {
 public:
  virtual ~EpisodeLoader() = default;

  // What the examples of its batches look like.
  virtual meta::TaskShape shape() const = 0;

  // INVALID_ARGUMENT, naming the task, unless there is at least one, all are of the loader's form
  // and of the same sizes, and what they point to exists. Whatever the tasks hold, nothing is read
  // outside the data set.
  virtual absl::StatusOr<meta::TaskShard> Load(std::span<const data::Task> tasks) const = 0;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_LOADERS_EPISODE_LOADER_H_
