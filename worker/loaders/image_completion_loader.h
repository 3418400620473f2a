// Pixels of images as tensors.
#ifndef OUTERLOOP_WORKER_LOADERS_IMAGE_COMPLETION_LOADER_H_
#define OUTERLOOP_WORKER_LOADERS_IMAGE_COMPLETION_LOADER_H_

#include "data/dataset_file.h"
#include "worker/loaders/episode_loader.h"

namespace outerloop::worker {

// ImageCompletionTasks: inputs are the pixels' centres, (row + 0.5) / height and (column + 0.5) /
// width, in (0, 1), [T, N, 2]; targets are what their channels hold, in [0, 1], [T, N, C].
class ImageCompletionLoader final : public EpisodeLoader {
 public:
  // `dataset` must outlive the loader.
  explicit ImageCompletionLoader(const data::DatasetView& dataset) : dataset_(dataset) {}

  meta::TaskShape shape() const override;
  absl::StatusOr<meta::TaskShard> Load(std::span<const data::Task> tasks) const override;

 private:
  const data::DatasetView& dataset_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_LOADERS_IMAGE_COMPLETION_LOADER_H_
