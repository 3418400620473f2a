// What loaders check alike.
#ifndef OUTERLOOP_WORKER_LOADERS_CHECKED_TASKS_H_
#define OUTERLOOP_WORKER_LOADERS_CHECKED_TASKS_H_

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/task.h"

namespace outerloop::worker {

// Examples of a task.
struct TaskSizes {
  size_t support = 0;
  size_t queries = 0;

  bool operator==(const TaskSizes&) const = default;
};

// The tasks as what they should be, of form T. `check(task)` gives a task's sizes or says what is
// wrong with it. INVALID_ARGUMENT, naming the task, if one is of another form or of other sizes
// than the first, and if there is none.
template <typename T, typename Check>
absl::StatusOr<std::vector<T>> CheckedTasks(std::span<const data::Task> tasks, const Check& check) {
  std::vector<T> checked;
  TaskSizes first;
  for (const data::Task& task : tasks) {
    const T* const wanted = std::get_if<T>(&task);
    absl::StatusOr<TaskSizes> sizes = absl::InvalidArgumentError("not of the episode's kind");
    if (wanted != nullptr) sizes = check(*wanted);
    if (checked.empty() && sizes.ok()) first = *sizes;
    if (sizes.ok() && *sizes != first) {
      sizes = absl::InvalidArgumentError("not of the sizes of task 0");
    }
    if (!sizes.ok()) {
      return absl::Status(sizes.status().code(),
                          absl::StrCat("task ", checked.size(), ": ", sizes.status().message()));
    }
    checked.push_back(*wanted);
  }
  if (checked.empty()) return absl::InvalidArgumentError("a shard without tasks");
  return checked;
}

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_LOADERS_CHECKED_TASKS_H_
