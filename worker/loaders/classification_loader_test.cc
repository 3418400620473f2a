#include "worker/loaders/classification_loader.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

using data::ClassificationTask;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<float> Values(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.to(torch::kFloat32).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

// Two classes of two images, 2 x 2: row r has the pixels 4r .. 4r + 3.
class ClassificationLoaderTest : public testing::Test {
 protected:
  ClassificationLoaderTest() {
    for (uint8_t p = 0; p < 16; ++p) pixels_.push_back(p);
    dataset_.index.classes = {{"a", "here", 0, 2}, {"b", "here", 2, 2}};
    dataset_.index.channels = 1;
    dataset_.index.height = dataset_.index.width = 2;
    dataset_.images = pixels_;
  }

  ClassificationTask GoodTask() const {
    return {.classes = {1, 0}, .rotations = {0, 0}, .support = {2, 0}, .query = {3, 1}};
  }
  absl::Status StatusOf(ClassificationTask task, uint32_t ways = 2) const {
    return ClassificationLoader(dataset_, ways).Load(std::vector<data::Task>{task}).status();
  }

  std::vector<uint8_t> pixels_;
  data::DatasetView dataset_;
};

TEST_F(ClassificationLoaderTest, GivesInkBetweenZeroAndOneAndWayNumbers) {
  const std::vector<data::Task> tasks = {GoodTask()};
  const auto shard = ClassificationLoader(dataset_, 2).Load(tasks);
  ASSERT_TRUE(shard.ok()) << shard.status();
  EXPECT_EQ(shard->support_inputs.sizes(), (std::vector<int64_t>{1, 2, 1, 2, 2}));
  EXPECT_EQ(shard->support_inputs.scalar_type(), torch::kFloat32);
  EXPECT_THAT(Values(shard->support_inputs * 255), ElementsAre(8, 9, 10, 11, 0, 1, 2, 3));
  EXPECT_THAT(Values(shard->query_inputs * 255), ElementsAre(12, 13, 14, 15, 4, 5, 6, 7));
  EXPECT_EQ(shard->support_targets.scalar_type(), torch::kInt64);
  EXPECT_THAT(Values(shard->support_targets), ElementsAre(0, 1));
  EXPECT_THAT(Values(shard->query_targets), ElementsAre(0, 1));
  EXPECT_EQ(shard->ways, 2);
}

TEST_F(ClassificationLoaderTest, LabelsEveryExampleOfAWayAlike) {
  const ClassificationTask task = {
      .classes = {0, 1}, .rotations = {0, 0}, .support = {0, 1, 2, 3}, .query = {0, 2}};
  const auto shard = ClassificationLoader(dataset_, 2).Load(std::vector<data::Task>{task, task});
  ASSERT_TRUE(shard.ok()) << shard.status();
  EXPECT_THAT(Values(shard->support_targets), ElementsAre(0, 0, 1, 1, 0, 0, 1, 1));
}

TEST_F(ClassificationLoaderTest, TurnsImagesCounterClockwise) {
  // 8  9      9 11     11 10     10 8
  // 10 11     8 10      9 8      11 9
  const std::vector<std::vector<float>> turned = {
      {8, 9, 10, 11}, {9, 11, 8, 10}, {11, 10, 9, 8}, {10, 8, 11, 9}};
  for (uint32_t turns = 0; turns < 4; ++turns) {
    ClassificationTask task = GoodTask();
    task.rotations = {turns, 0};
    const auto shard = ClassificationLoader(dataset_, 2).Load(std::vector<data::Task>{task});
    ASSERT_TRUE(shard.ok()) << shard.status();
    EXPECT_EQ(Values(shard->support_inputs[0][0] * 255), turned[turns]) << turns;
    EXPECT_THAT(Values(shard->support_inputs[0][1] * 255), ElementsAre(0, 1, 2, 3)) << turns;
  }
}

TEST_F(ClassificationLoaderTest, TurnsLikeRot90) {
  dataset_.index.height = dataset_.index.width = 4;  // One image of 4 x 4.
  dataset_.index.classes = {{"a", "here", 0, 1}};
  const torch::Tensor image = torch::arange(16, torch::kFloat32).view({4, 4});
  for (uint32_t turns = 0; turns < 4; ++turns) {
    const ClassificationTask task = {
        .classes = {0}, .rotations = {turns}, .support = {0}, .query = {0}};
    const auto shard = ClassificationLoader(dataset_, 1).Load(std::vector<data::Task>{task});
    ASSERT_TRUE(shard.ok()) << shard.status();
    EXPECT_EQ(Values(shard->query_inputs * 255), Values(torch::rot90(image, turns))) << turns;
  }
}

TEST_F(ClassificationLoaderTest, RefusesTasksThatDoNotGoWithTheDataSet) {
  EXPECT_TRUE(StatusOf(GoodTask()).ok());
  const auto broken = [this](auto change) {
    ClassificationTask task = GoodTask();
    change(task);
    return StatusOf(task);
  };
  const std::vector<absl::Status> refusals = {
      broken([](ClassificationTask& t) { t.classes[0] = 2; }),
      broken([](ClassificationTask& t) { t.classes.clear(); }),
      broken([](ClassificationTask& t) { t.classes.push_back(0); }),
      broken([](ClassificationTask& t) { t.rotations[1] = 4; }),
      broken([](ClassificationTask& t) { t.rotations.pop_back(); }),
      broken([](ClassificationTask& t) { t.support[0] = 4; }),
      broken([](ClassificationTask& t) { t.support[0] = 0; }),  // Of the other class.
      broken([](ClassificationTask& t) { t.query[1] = std::numeric_limits<uint32_t>::max(); }),
      broken([](ClassificationTask& t) { t.support.pop_back(); }),
      broken([](ClassificationTask& t) { t.query.clear(); }),
      StatusOf(GoodTask(), /*ways=*/3),
      ClassificationLoader(dataset_, 2).Load({}).status(),
      ClassificationLoader(dataset_, 2)
          .Load(std::vector<data::Task>{data::RegressionTask{}})
          .status(),
  };
  for (size_t i = 0; i < refusals.size(); ++i) {
    EXPECT_TRUE(absl::IsInvalidArgument(refusals[i])) << i << ": " << refusals[i];
  }
}

TEST_F(ClassificationLoaderTest, RefusesAQuarterTurnOfOblongImages) {
  dataset_.index.height = 1;
  dataset_.index.width = 4;
  ClassificationTask task = GoodTask();
  task.rotations = {1, 0};
  EXPECT_TRUE(absl::IsInvalidArgument(StatusOf(task)));
  task.rotations = {2, 0};
  EXPECT_TRUE(StatusOf(task).ok());
}

TEST_F(ClassificationLoaderTest, NamesTheTaskThatIsNotLikeTheFirst) {
  const ClassificationTask larger = {
      .classes = {0, 1}, .rotations = {0, 0}, .support = {0, 1, 2, 3}, .query = {0, 2}};
  const auto shard =
      ClassificationLoader(dataset_, 2).Load(std::vector<data::Task>{GoodTask(), larger});
  EXPECT_TRUE(absl::IsInvalidArgument(shard.status()));
  EXPECT_THAT(std::string(shard.status().message()), HasSubstr("task 1"));
}

}  // namespace
}  // namespace outerloop::worker
