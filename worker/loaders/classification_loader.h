// Images of classes as tensors.
#ifndef OUTERLOOP_WORKER_LOADERS_CLASSIFICATION_LOADER_H_
#define OUTERLOOP_WORKER_LOADERS_CLASSIFICATION_LOADER_H_

#include <cstdint>

#include "data/dataset_file.h"
#include "worker/loaders/episode_loader.h"

namespace outerloop::worker {

// ClassificationTasks: inputs are pixels as float32 ink in [0, 1], [T, N, C, H, W], turned
// counter-clockwise by their class's quarter turns; targets are the ways' numbers, [T, N].
class ClassificationLoader final : public EpisodeLoader {
 public:
  // For tasks of `ways` classes, whose rows are images of `dataset`, which must outlive the loader.
  ClassificationLoader(const data::DatasetView& dataset, uint32_t ways)
      : dataset_(dataset), ways_(ways) {}

  meta::TaskShape shape() const override;
  absl::StatusOr<meta::TaskShard> Load(std::span<const data::Task> tasks) const override;

 private:
  const data::DatasetView& dataset_;
  const uint32_t ways_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_LOADERS_CLASSIFICATION_LOADER_H_
