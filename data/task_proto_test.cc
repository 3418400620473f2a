#include "data/task_proto.h"

#include <gtest/gtest.h>

namespace outerloop::data {
namespace {

TEST(TaskProto, CarriesAClassificationTaskThereAndBack) {
  const Task task = ClassificationTask{
      .classes = {7, 3}, .rotations = {0, 3}, .support = {140, 60}, .query = {141, 142, 61, 62}};
  v1::Task message;
  ToProto(task, &message);
  EXPECT_TRUE(message.has_classification());
  EXPECT_EQ(FromProto(message), task);
}

TEST(TaskProto, CarriesARegressionTaskThereAndBack) {
  const Task task = RegressionTask{.support_inputs = {-5.0f, 0.1f},
                                   .support_targets = {1.5f, -0.0f},
                                   .query_inputs = {4.9f},
                                   .query_targets = {1e-30f}};
  v1::Task message;
  ToProto(task, &message);
  EXPECT_TRUE(message.has_regression());
  EXPECT_EQ(FromProto(message), task);
}

TEST(TaskProto, CarriesAnImageCompletionTaskThereAndBack) {
  const Task task =
      ImageCompletionTask{.image = 140, .rotation = 3, .support = {0, 783}, .query = {5, 6, 7}};
  v1::Task message;
  ToProto(task, &message);
  EXPECT_TRUE(message.has_image_completion());
  EXPECT_EQ(FromProto(message), task);
}

TEST(TaskProto, ReplacesWhatTheMessageHeld) {
  const Task large = ClassificationTask{
      .classes = {1, 2, 3}, .rotations = {0, 0, 0}, .support = {20, 40, 60}, .query = {21, 41, 61}};
  const Task small =
      ClassificationTask{.classes = {9}, .rotations = {1}, .support = {180}, .query = {181}};
  const Task other = RegressionTask{.support_inputs = {1.0f},
                                    .support_targets = {2.0f},
                                    .query_inputs = {3.0f},
                                    .query_targets = {4.0f}};
  v1::Task message;
  for (const Task& task : {large, small, other, large}) {
    ToProto(task, &message);
    EXPECT_EQ(FromProto(message), task);
  }
}

TEST(TaskProto, ReadsAMessageOfNoKindAsAnEmptyRegression) {
  EXPECT_EQ(FromProto(v1::Task()), Task(RegressionTask{}));
}

}  // namespace
}  // namespace outerloop::data
