#include "worker/loaders/image_completion_loader.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

using data::ImageCompletionTask;
using testing::ElementsAre;

using Tasks = std::vector<data::Task>;

std::vector<float> Values(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

// Three images of two channels, 4 x 4: the bytes are 0, 1, 2, ..
class ImageCompletionLoaderTest : public testing::Test {
 protected:
  ImageCompletionLoaderTest() {
    for (int p = 0; p < 3 * 2 * 16; ++p) pixels_.push_back(static_cast<uint8_t>(p));
    dataset_.index.classes = {{"a", "here", 0, 2}, {"b", "here", 2, 1}};
    dataset_.index.channels = 2;
    dataset_.index.height = dataset_.index.width = 4;
    dataset_.images = pixels_;
  }

  ImageCompletionTask GoodTask() const {
    return {.image = 1, .rotation = 0, .support = {0, 7}, .query = {15}};
  }
  absl::StatusOr<meta::TaskShard> Load(const Tasks& tasks) const {
    return ImageCompletionLoader(dataset_).Load(tasks);
  }

  std::vector<uint8_t> pixels_;
  data::DatasetView dataset_;
};

TEST_F(ImageCompletionLoaderTest, GivesCentresOfPixelsAndTheirChannels) {
  const auto shard = Load({GoodTask(), GoodTask()});
  ASSERT_TRUE(shard.ok()) << shard.status();
  EXPECT_EQ(shard->support_inputs.sizes(), (std::vector<int64_t>{2, 2, 2}));
  EXPECT_THAT(Values(shard->support_inputs[1]), ElementsAre(0.125, 0.125, 0.375, 0.875));
  EXPECT_THAT(Values(shard->query_inputs[1]), ElementsAre(0.875, 0.875));
  EXPECT_EQ(shard->support_targets.sizes(), (std::vector<int64_t>{2, 2, 2}));
  EXPECT_THAT(Values(shard->support_targets[1] * 255), ElementsAre(32, 48, 39, 55));
  EXPECT_THAT(Values(shard->query_targets[1] * 255), ElementsAre(47, 63));
}

TEST_F(ImageCompletionLoaderTest, SaysWhatItsPointsLookLike) {
  const meta::TaskShape shape = ImageCompletionLoader(dataset_).shape();
  EXPECT_EQ(shape.targets, meta::TaskShape::Targets::kValues);
  EXPECT_THAT(shape.inputs, ElementsAre(2));
  EXPECT_EQ(shape.outputs, 2);
}

TEST_F(ImageCompletionLoaderTest, TurnsLikeRot90) {
  ImageCompletionTask task = GoodTask();
  task.support.clear();
  for (uint32_t pixel = 0; pixel < 16; ++pixel) task.support.push_back(pixel);
  const torch::Tensor image = 32 + torch::arange(32, torch::kFloat32).view({2, 4, 4});
  for (uint32_t turns = 0; turns < 4; ++turns) {
    task.rotation = turns;
    const auto shard = Load({task});
    ASSERT_TRUE(shard.ok()) << shard.status();
    const torch::Tensor turned = torch::rot90(image, turns, {1, 2});
    EXPECT_EQ(Values(shard->support_targets[0] * 255), Values(turned.flatten(1).t())) << turns;
  }
}

TEST_F(ImageCompletionLoaderTest, RefusesTasksThatDoNotGoWithTheDataSet) {
  EXPECT_TRUE(Load({GoodTask()}).ok());
  const auto broken = [this](auto change) {
    ImageCompletionTask task = GoodTask();
    change(task);
    return Load({task}).status();
  };
  ImageCompletionTask larger = GoodTask();
  larger.query.push_back(3);
  const std::vector<absl::Status> refusals = {
      broken([](ImageCompletionTask& t) { t.image = 3; }),
      broken([](ImageCompletionTask& t) { t.rotation = 4; }),
      broken([](ImageCompletionTask& t) { t.support[1] = 16; }),
      broken([](ImageCompletionTask& t) { t.query[0] = std::numeric_limits<uint32_t>::max(); }),
      broken([](ImageCompletionTask& t) { t.support.clear(); }),
      broken([](ImageCompletionTask& t) { t.query.clear(); }),
      Load({GoodTask(), larger}).status(),
      Load({}).status(),
      Load({data::RegressionTask{}}).status(),
  };
  for (size_t i = 0; i < refusals.size(); ++i) {
    EXPECT_TRUE(absl::IsInvalidArgument(refusals[i])) << i << ": " << refusals[i];
  }
}

}  // namespace
}  // namespace outerloop::worker
