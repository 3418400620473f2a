#include "worker/loaders/image_completion_loader.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/loaders/checked_tasks.h"
#include "worker/loaders/turned_image.h"

namespace outerloop::worker {
namespace {

using data::ImageCompletionTask;

// One of the task's two lists of pixels.
using Pixels = std::vector<uint32_t> ImageCompletionTask::*;

absl::Status CheckPixels(const std::vector<uint32_t>& pixels, const data::DatasetIndex& index) {
  if (pixels.empty()) return absl::InvalidArgumentError("no pixels");
  for (const uint32_t pixel : pixels) {
    if (pixel >= uint64_t{index.height} * index.width) {
      return absl::InvalidArgumentError(
          absl::StrCat("pixel ", pixel, " of an image of ", index.height, " x ", index.width));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TaskSizes> CheckTask(const ImageCompletionTask& task,
                                    const data::DatasetIndex& index) {
  if (task.image >= index.examples()) {
    return absl::InvalidArgumentError(
        absl::StrCat("image ", task.image, " of a data set of ", index.examples()));
  }
  RETURN_IF_ERROR(CheckTurns(task.rotation, index));
  RETURN_IF_ERROR(CheckPixels(task.support, index));
  RETURN_IF_ERROR(CheckPixels(task.query, index));
  return TaskSizes{task.support.size(), task.query.size()};
}

torch::Tensor EmptyPoints(std::span<const ImageCompletionTask> tasks, Pixels pixels,
                          int64_t values) {
  return torch::empty(
      {static_cast<int64_t>(tasks.size()), static_cast<int64_t>((tasks[0].*pixels).size()), values},
      torch::kFloat32);
}

// [T, N, 2]
torch::Tensor LoadCentres(std::span<const ImageCompletionTask> tasks, Pixels pixels,
                          const data::DatasetIndex& index) {
  torch::Tensor centres = EmptyPoints(tasks, pixels, 2);
  float* out = centres.data_ptr<float>();
  for (const ImageCompletionTask& task : tasks) {
    for (const uint32_t pixel : task.*pixels) {
      const uint32_t row = pixel / index.width, column = pixel % index.width;
      *out++ = (static_cast<float>(row) + 0.5f) / static_cast<float>(index.height);
      *out++ = (static_cast<float>(column) + 0.5f) / static_cast<float>(index.width);
    }
  }
  return centres;
}

// [T, N, C]
torch::Tensor LoadValues(std::span<const ImageCompletionTask> tasks, Pixels pixels,
                         const data::DatasetView& dataset) {
  const size_t h = dataset.index.height, w = dataset.index.width;
  torch::Tensor values = EmptyPoints(tasks, pixels, dataset.index.channels);
  float* out = values.data_ptr<float>();
  for (const ImageCompletionTask& task : tasks) {
    const std::span<const uint8_t> image = dataset.image(task.image);
    for (const uint32_t pixel : task.*pixels) {
      const size_t source = SourceOf(pixel / w, pixel % w, h, w, task.rotation);
      for (size_t c = 0; c < dataset.index.channels; ++c) {
        *out++ = static_cast<float>(image[c * h * w + source]) / 255.0f;
      }
    }
  }
  return values;
}

}  // namespace

meta::TaskShape ImageCompletionLoader::shape() const {
  return {.targets = meta::TaskShape::Targets::kValues,
          .inputs = {2},
          .outputs = dataset_.index.channels};
}

absl::StatusOr<meta::TaskShard> ImageCompletionLoader::Load(
    std::span<const data::Task> tasks) const {
  const auto check = [this](const ImageCompletionTask& task) {
    return CheckTask(task, dataset_.index);
  };
  ASSIGN_OR_RETURN(const auto images, CheckedTasks<ImageCompletionTask>(tasks, check));
  constexpr Pixels support = &ImageCompletionTask::support, query = &ImageCompletionTask::query;
  return meta::TaskShard{.support_inputs = LoadCentres(images, support, dataset_.index),
                         .support_targets = LoadValues(images, support, dataset_),
                         .query_inputs = LoadCentres(images, query, dataset_.index),
                         .query_targets = LoadValues(images, query, dataset_)};
}

}  // namespace outerloop::worker
