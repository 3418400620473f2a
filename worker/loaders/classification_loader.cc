#include "worker/loaders/classification_loader.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/loaders/checked_tasks.h"
#include "worker/loaders/turned_image.h"

namespace outerloop::worker {
namespace {

using data::ClassificationTask;

// One of the task's two lists of rows.
using Rows = std::vector<uint32_t> ClassificationTask::*;

absl::Status CheckWay(const ClassificationTask& task, size_t way, const data::DatasetIndex& index) {
  if (task.classes[way] >= index.classes.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("class ", task.classes[way], " of a data set of ", index.classes.size()));
  }
  return CheckTurns(task.rotations[way], index);
}

// Every row belongs to the class of its way.
absl::Status CheckRows(const ClassificationTask& task, Rows rows, const data::DatasetIndex& index) {
  const size_t ways = task.classes.size();
  if ((task.*rows).empty() || (task.*rows).size() % ways != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat((task.*rows).size(), " rows for ", ways, " ways"));
  }
  const size_t per_way = (task.*rows).size() / ways;
  for (size_t i = 0; i < (task.*rows).size(); ++i) {
    const uint32_t row = (task.*rows)[i];
    const data::DatasetClass& its_class = index.classes[task.classes[i / per_way]];
    if (row < its_class.first_row || row - its_class.first_row >= its_class.examples) {
      return absl::InvalidArgumentError(absl::StrCat("row ", row, ", which is none of the ",
                                                     its_class.examples, " of class '",
                                                     its_class.name, "'"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TaskSizes> CheckTask(const ClassificationTask& task, uint32_t ways,
                                    const data::DatasetIndex& index) {
  if (task.classes.size() != ways || task.rotations.size() != ways) {
    return absl::InvalidArgumentError(absl::StrCat(task.classes.size(), " classes and ",
                                                   task.rotations.size(), " rotations for ", ways,
                                                   " ways"));
  }
  for (size_t way = 0; way < ways; ++way) RETURN_IF_ERROR(CheckWay(task, way, index));
  RETURN_IF_ERROR(CheckRows(task, &ClassificationTask::support, index));
  RETURN_IF_ERROR(CheckRows(task, &ClassificationTask::query, index));
  return TaskSizes{task.support.size(), task.query.size()};
}

void CopyTurned(const data::DatasetView& dataset, uint32_t row, uint32_t quarter_turns,
                uint8_t* out) {
  const size_t h = dataset.index.height, w = dataset.index.width;
  const uint8_t* plane = dataset.image(row).data();
  for (size_t c = 0; c < dataset.index.channels; ++c, plane += h * w) {
    for (size_t i = 0; i < h; ++i) {
      for (size_t j = 0; j < w; ++j) *out++ = plane[SourceOf(i, j, h, w, quarter_turns)];
    }
  }
}

// [T, N, C, H, W]
torch::Tensor LoadImages(std::span<const ClassificationTask> tasks, Rows rows,
                         const data::DatasetView& dataset) {
  const size_t count = (tasks[0].*rows).size();
  const size_t per_way = count / tasks[0].classes.size();
  torch::Tensor pixels =
      torch::empty({static_cast<int64_t>(tasks.size()), static_cast<int64_t>(count),
                    dataset.index.channels, dataset.index.height, dataset.index.width},
                   torch::kUInt8);
  uint8_t* out = pixels.data_ptr<uint8_t>();
  for (const ClassificationTask& task : tasks) {
    for (size_t i = 0; i < count; ++i, out += dataset.index.image_bytes()) {
      CopyTurned(dataset, (task.*rows)[i], task.rotations[i / per_way], out);
    }
  }
  return pixels.to(torch::kFloat32).div_(255);
}

// [T, N]: 0 .. ways - 1, each as often as the way has examples.
torch::Tensor WayNumbers(std::span<const ClassificationTask> tasks, Rows rows) {
  const int64_t ways = tasks[0].classes.size(), count = (tasks[0].*rows).size();
  const torch::Tensor numbers = torch::arange(ways, torch::kInt64).repeat_interleave(count / ways);
  return numbers.repeat({static_cast<int64_t>(tasks.size()), 1});
}

}  // namespace

meta::TaskShape ClassificationLoader::shape() const {
  const data::DatasetIndex& images = dataset_.index;
  return {.targets = meta::TaskShape::Targets::kClasses,
          .inputs = {images.channels, images.height, images.width},
          .outputs = ways_};
}

absl::StatusOr<meta::TaskShard> ClassificationLoader::Load(
    std::span<const data::Task> tasks) const {
  const auto check = [this](const ClassificationTask& task) {
    return CheckTask(task, ways_, dataset_.index);
  };
  ASSIGN_OR_RETURN(const auto episodes, CheckedTasks<ClassificationTask>(tasks, check));
  constexpr Rows support = &ClassificationTask::support, query = &ClassificationTask::query;
  return meta::TaskShard{.support_inputs = LoadImages(episodes, support, dataset_),
                         .support_targets = WayNumbers(episodes, support),
                         .query_inputs = LoadImages(episodes, query, dataset_),
                         .query_targets = WayNumbers(episodes, query),
                         .ways = ways_};
}

}  // namespace outerloop::worker
