// What a task consists of, without tensors: which classes, examples or points.
#ifndef OUTERLOOP_DATA_TASK_H_
#define OUTERLOOP_DATA_TASK_H_

#include <cstdint>
#include <variant>
#include <vector>

namespace outerloop::data {

// N-way K-shot classification. Way w has label w; its support examples are
// support[w * shots .. (w + 1) * shots), its queries likewise.
struct ClassificationTask {
  std::vector<uint32_t> classes;    // [ways] class numbers in the data set.
  std::vector<uint32_t> rotations;  // [ways] quarter turns counter-clockwise, 0 to 3.
  std::vector<uint32_t> support;    // [ways * shots] rows of the data set's images.
  std::vector<uint32_t> query;      // [ways * queries] rows.

  bool operator==(const ClassificationTask&) const = default;
};

// Points of a curve.
struct RegressionTask {
  std::vector<float> support_inputs;
  std::vector<float> support_targets;
  std::vector<float> query_inputs;
  std::vector<float> query_targets;

  bool operator==(const RegressionTask&) const = default;
};

// Pixels of an image, counted row by row after it was turned.
struct ImageCompletionTask {
  uint32_t image = 0;             // Row of the data set's images.
  uint32_t rotation = 0;          // Quarter turns counter-clockwise, 0 to 3.
  std::vector<uint32_t> support;  // Pixels.
  std::vector<uint32_t> query;    // Pixels.

  bool operator==(const ImageCompletionTask&) const = default;
};

using Task = std::variant<ClassificationTask, RegressionTask, ImageCompletionTask>;

}  // namespace outerloop::data

#endif  // OUTERLOOP_DATA_TASK_H_
