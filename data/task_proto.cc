#include "data/task_proto.h"

#include <vector>

namespace outerloop::data {
namespace {

template <typename T, typename Field>
void Copy(const std::vector<T>& from, Field* to) {
  to->Assign(from.begin(), from.end());
}

template <typename T, typename Field>
std::vector<T> ToVector(const Field& field) {
  return {field.begin(), field.end()};
}

void Fill(const ClassificationTask& task, v1::Task* message) {
  v1::ClassificationTask& out = *message->mutable_classification();
  Copy(task.classes, out.mutable_classes());
  Copy(task.rotations, out.mutable_rotations());
  Copy(task.support, out.mutable_support());
  Copy(task.query, out.mutable_query());
}

void Fill(const RegressionTask& task, v1::Task* message) {
  v1::RegressionTask& out = *message->mutable_regression();
  Copy(task.support_inputs, out.mutable_support_inputs());
  Copy(task.support_targets, out.mutable_support_targets());
  Copy(task.query_inputs, out.mutable_query_inputs());
  Copy(task.query_targets, out.mutable_query_targets());
}

void Fill(const ImageCompletionTask& task, v1::Task* message) {
  v1::ImageCompletionTask& out = *message->mutable_image_completion();
  out.set_image(task.image);
  out.set_rotation(task.rotation);
  Copy(task.support, out.mutable_support());
  Copy(task.query, out.mutable_query());
}

ClassificationTask Read(const v1::ClassificationTask& task) {
  return {.classes = ToVector<uint32_t>(task.classes()),
          .rotations = ToVector<uint32_t>(task.rotations()),
          .support = ToVector<uint32_t>(task.support()),
          .query = ToVector<uint32_t>(task.query())};
}

RegressionTask Read(const v1::RegressionTask& task) {
  return {.support_inputs = ToVector<float>(task.support_inputs()),
          .support_targets = ToVector<float>(task.support_targets()),
          .query_inputs = ToVector<float>(task.query_inputs()),
          .query_targets = ToVector<float>(task.query_targets())};
}

ImageCompletionTask Read(const v1::ImageCompletionTask& task) {
  return {.image = task.image(),
          .rotation = task.rotation(),
          .support = ToVector<uint32_t>(task.support()),
          .query = ToVector<uint32_t>(task.query())};
}

}  // namespace

void ToProto(const Task& task, v1::Task* message) {
  std::visit([message](const auto& kind) { Fill(kind, message); }, task);
}

Task FromProto(const v1::Task& message) {
  switch (message.kind_case()) {
    case v1::Task::kClassification:
      return Read(message.classification());
    case v1::Task::kImageCompletion:
      return Read(message.image_completion());
    default:
      return Read(message.regression());
  }
}

}  // namespace outerloop::data
