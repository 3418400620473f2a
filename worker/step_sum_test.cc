#include "worker/step_sum.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "meta/parameters.h"
#include "worker/testing/specifications.h"

namespace outerloop::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr uint32_t kShards = 130;  // Three words of marks.

std::shared_ptr<const Experiment> MakeExperiment() {
  v1::JobSpec spec = SinusoidSpec();
  spec.mutable_training()->set_tasks_per_step(2 * kShards);
  return Experiment::Create(spec, "", nullptr).value();
}

class StepSumTest : public testing::Test {
 protected:
  // The sum of a group of `members`, of whom the i-th computes the shards i modulo their number.
  // The gradient of those in `bad` has an element of that value.
  ExactSum SumOver(int members, const std::vector<uint32_t>& bad, float value = kNaN) const {
    std::vector<ExactSum> sums;
    for (int member = 0; member < members; ++member) {
      StepSum sum(*experiment_);
      for (uint32_t shard = member; shard < kShards; shard += members) {
        std::vector<float> gradient(experiment_->layout().size(), 0.5f);
        if (std::find(bad.begin(), bad.end(), shard) != bad.end()) gradient[2] = value;
        sum.Add(shard, 2, {gradient, /*loss=*/3, /*accuracy=*/0.25});
      }
      sums.push_back(std::move(sum).Take());
    }
    for (int member = 1; member < members; ++member) sums[0].Merge(sums[member]);
    return sums[0];
  }

  const std::shared_ptr<const Experiment> experiment_ = MakeExperiment();
};

TEST_F(StepSumTest, HasTheMeansOfFiniteShards) {
  const ExactSum sum = SumOver(3, {});
  const StepTotals totals(sum, *experiment_);
  EXPECT_TRUE(totals.finite());
  EXPECT_EQ(totals.tasks(), 2 * kShards);
  EXPECT_EQ(totals.loss(), 1.5);
  EXPECT_EQ(totals.accuracy(), 0.125);
  std::vector<float> gradient(experiment_->layout().size());
  totals.Gradient(gradient);
  EXPECT_THAT(gradient, testing::Each(0.25f));
  EXPECT_TRUE(totals.BadShards().empty());
}

TEST_F(StepSumTest, MarksBadShardsWhoeverComputesThem) {
  const std::vector<uint32_t> bad = {0, 31, 62, 63, 64, 127, 128, 129};
  for (const int members : {1, 2, 3, 8}) {
    const ExactSum sum = SumOver(members, bad);
    const StepTotals totals(sum, *experiment_);
    EXPECT_FALSE(totals.finite());
    EXPECT_EQ(totals.BadShards(), bad) << members;
    EXPECT_EQ(totals.tasks(), 2 * kShards);
  }
}

TEST_F(StepSumTest, MarksAShardThatIsTooLarge) {
  const ExactSum sum = SumOver(2, {5}, 1e30f);
  const StepTotals totals(sum, *experiment_);
  EXPECT_THAT(totals.BadShards(), ElementsAre(5));
  EXPECT_THAT(totals.DescribeBadShards(),
              HasSubstr("tasks 10 to 11 (shard 5): 0 sums of gradient, loss or accuracy are NaN or "
                        "infinite, 1 too large for training.fixed_point_bits = 40"));
}

TEST_F(StepSumTest, NamesAFewOfManyBadShards) {
  std::vector<uint32_t> all(kShards);
  for (uint32_t shard = 0; shard < kShards; ++shard) all[shard] = shard;
  const ExactSum sum = SumOver(2, all);
  EXPECT_THAT(StepTotals(sum, *experiment_).DescribeBadShards(),
              HasSubstr("tasks 14 to 15 (shard 7) and 122 other shards: 130 sums"));
}

}  // namespace
}  // namespace outerloop::worker
