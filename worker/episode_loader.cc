#include "worker/episode_loader.h"

#include <cstddef>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace outerloop::worker {
namespace {

using data::ClassificationTask;
using data::RegressionTask;

// One of the task's two lists of rows, or of points.
using Rows = std::vector<uint32_t> ClassificationTask::*;
using Points = std::vector<float> RegressionTask::*;

// ---- Classification

absl::Status CheckWay(const ClassificationTask& task, size_t way, const data::DatasetIndex& index) {
  if (task.classes[way] >= index.classes.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("class ", task.classes[way], " of a data set of ", index.classes.size()));
  }
  if (task.rotations[way] > 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("rotation ", task.rotations[way], "; allowed: 0 to 3 quarter turns"));
  }
  if (task.rotations[way] % 2 == 1 && index.height != index.width) {
    return absl::InvalidArgumentError(absl::StrCat("a quarter turn of images of ", index.height,
                                                   " x ", index.width, ", which are not square"));
  }
  return absl::OkStatus();
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

absl::Status CheckTask(const ClassificationTask& task, uint32_t ways,
                       const data::DatasetIndex& index) {
  if (task.classes.size() != ways || task.rotations.size() != ways) {
    return absl::InvalidArgumentError(absl::StrCat(task.classes.size(), " classes and ",
                                                   task.rotations.size(), " rotations for ", ways,
                                                   " ways"));
  }
  for (size_t way = 0; way < ways; ++way) RETURN_IF_ERROR(CheckWay(task, way, index));
  RETURN_IF_ERROR(CheckRows(task, &ClassificationTask::support, index));
  return CheckRows(task, &ClassificationTask::query, index);
}

// Where pixel (i, j) of an image of h x w, turned counter-clockwise, lies in the original.
size_t SourceOf(size_t i, size_t j, size_t h, size_t w, uint32_t quarter_turns) {
  switch (quarter_turns) {
    case 1:
      return j * w + (w - 1 - i);
    case 2:
      return (h - 1 - i) * w + (w - 1 - j);
    case 3:
      return (h - 1 - j) * w + i;
    default:
      return i * w + j;
  }
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

// ---- Regression

absl::Status CheckTask(const RegressionTask& task) {
  const bool paired = task.support_inputs.size() == task.support_targets.size() &&
                      task.query_inputs.size() == task.query_targets.size();
  if (paired && !task.support_inputs.empty() && !task.query_inputs.empty()) {
    return absl::OkStatus();
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

// ---- Both

bool SameSizes(const ClassificationTask& a, const ClassificationTask& b) {
  return a.support.size() == b.support.size() && a.query.size() == b.query.size();
}
bool SameSizes(const RegressionTask& a, const RegressionTask& b) {
  return a.support_inputs.size() == b.support_inputs.size() &&
         a.query_inputs.size() == b.query_inputs.size();
}

// The tasks as what they should be, each checked by `check` and against the first.
template <typename T, typename Check>
absl::StatusOr<std::vector<T>> Checked(std::span<const data::Task> tasks, const Check& check) {
  std::vector<T> checked;
  for (const data::Task& task : tasks) {
    const T* wanted = std::get_if<T>(&task);
    absl::Status status = wanted != nullptr
                              ? check(*wanted)
                              : absl::InvalidArgumentError("not of the episode's kind");
    if (status.ok() && !checked.empty() && !SameSizes(checked[0], *wanted)) {
      status = absl::InvalidArgumentError("not of the sizes of task 0");
    }
    if (!status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat("task ", checked.size(), ": ", status.message()));
    }
    checked.push_back(*wanted);
  }
  if (checked.empty()) return absl::InvalidArgumentError("a shard without tasks");
  return checked;
}

}  // namespace

absl::StatusOr<meta::TaskShard> EpisodeLoader::Load(std::span<const data::Task> tasks) const {
  if (dataset_ == nullptr) {
    ASSIGN_OR_RETURN(auto curves, Checked<RegressionTask>(
                                      tasks, [](const RegressionTask& t) { return CheckTask(t); }));
    return meta::TaskShard{.support_inputs = LoadPoints(curves, &RegressionTask::support_inputs),
                           .support_targets = LoadPoints(curves, &RegressionTask::support_targets),
                           .query_inputs = LoadPoints(curves, &RegressionTask::query_inputs),
                           .query_targets = LoadPoints(curves, &RegressionTask::query_targets)};
  }
  const auto check = [this](const ClassificationTask& t) {
    return CheckTask(t, ways_, dataset_->index);
  };
  ASSIGN_OR_RETURN(auto episodes, Checked<ClassificationTask>(tasks, check));
  constexpr Rows support = &ClassificationTask::support, query = &ClassificationTask::query;
  return meta::TaskShard{.support_inputs = LoadImages(episodes, support, *dataset_),
                         .support_targets = WayNumbers(episodes, support),
                         .query_inputs = LoadImages(episodes, query, *dataset_),
                         .query_targets = WayNumbers(episodes, query)};
}

}  // namespace outerloop::worker
