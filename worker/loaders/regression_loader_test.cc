#include "worker/loaders/regression_loader.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

using data::ClassificationTask;
using data::RegressionTask;
using testing::ElementsAre;

std::vector<float> Values(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

TEST(RegressionLoaderTest, GivesPointsAsColumns) {
  const RegressionTask task = {.support_inputs = {1, 2},
                               .support_targets = {3, 4},
                               .query_inputs = {5, 6, 7},
                               .query_targets = {8, 9, 10}};
  const auto shard = RegressionLoader().Load(std::vector<data::Task>{task, task});
  ASSERT_TRUE(shard.ok()) << shard.status();
  EXPECT_EQ(shard->support_inputs.sizes(), (std::vector<int64_t>{2, 2, 1}));
  EXPECT_THAT(Values(shard->support_targets), ElementsAre(3, 4, 3, 4));
  EXPECT_EQ(shard->query_targets.sizes(), (std::vector<int64_t>{2, 3, 1}));
  EXPECT_THAT(Values(shard->query_inputs[1]), ElementsAre(5, 6, 7));
}

TEST(RegressionLoaderTest, RefusesPointsWithoutTargets) {
  const RegressionTask good = {{1}, {2}, {3}, {4}};
  RegressionTask unpaired = good, empty = good, longer = good;
  unpaired.query_targets.push_back(5);
  empty.support_inputs = empty.support_targets = {};
  longer.query_inputs.push_back(5);
  longer.query_targets.push_back(5);
  using Tasks = std::vector<data::Task>;
  for (const Tasks& tasks :
       {Tasks{unpaired}, Tasks{empty}, Tasks{good, longer}, Tasks{}, Tasks{ClassificationTask{}}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(RegressionLoader().Load(tasks).status()));
  }
}

}  // namespace
}  // namespace outerloop::worker
