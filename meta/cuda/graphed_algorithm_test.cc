#include "meta/cuda/graphed_algorithm.h"

#include <string>
#include <utility>
#include <vector>

#include "c10/util/Exception.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "meta/algorithms/learner_testing.h"
#include "meta/algorithms/maml.h"

namespace outerloop::meta::cuda {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What a recorder was asked for.
struct Calls {
  int warm_ups = 0;
  int recordings = 0;
  int replays = 0;
};

// A recording that does the work again, on the inputs that are then in its memory.
class FakeRecording final : public Recording {
 public:
  FakeRecording(std::function<void()> work, Calls& calls) : work_(std::move(work)), calls_(calls) {}
  void Replay() override {
    ++calls_.replays;
    work_();
  }

 private:
  const std::function<void()> work_;
  Calls& calls_;
};

class FakeRecorder final : public GraphRecorder {
 public:
  FakeRecorder(Calls& calls, bool fails) : calls_(calls), fails_(fails) {}
  void WarmUp(const std::function<void()>& work) override {
    ++calls_.warm_ups;
    work();
  }
  std::unique_ptr<Recording> Record(const std::function<void()>& work) override {
    ++calls_.recordings;
    TORCH_CHECK(!fails_, "a value was waited for");
    return std::make_unique<FakeRecording>(work, calls_);
  }

 private:
  Calls& calls_;
  const bool fails_;
};

// MAML, as it is and recorded.
class GraphedAlgorithmTest : public testing::Test {
 protected:
  void Make(const MamlOptions& options, bool fails = false) {
    eager_ = MakeMaml(options, case_.learner);
    graphed_ =
        MakeGraphed(MakeMaml(options, case_.learner), std::make_unique<FakeRecorder>(calls_, fails),
                    [this](const std::string& reason) { reasons_.push_back(reason); });
  }

  torch::Tensor Parameters() const { return RandomParameters(*eager_); }

  // Other tasks of the same shape.
  TaskShard Shard(int64_t tasks = kTasks) const {
    return Changed(case_.shard, [tasks](const torch::Tensor& tensor) {
      return torch::randn_like(tensor.narrow(0, 0, tasks));
    });
  }

  void ExpectExact(const TaskShard& shard, uint64_t step = 1) {
    const torch::Tensor parameters = Parameters();
    const ShardGradient expected = eager_->MetaGradient(parameters, shard, step);
    const ShardGradient actual = graphed_->MetaGradient(parameters, shard, step);
    EXPECT_TRUE(torch::equal(actual.gradient, expected.gradient));
    EXPECT_EQ(actual.loss, expected.loss);
    EXPECT_EQ(actual.accuracy, expected.accuracy);
  }

  const LearnerCase case_ = MakeLearnerCase("Mlp");
  Calls calls_;
  std::vector<std::string> reasons_;
  std::unique_ptr<const Algorithm> eager_, graphed_;
};

TEST_F(GraphedAlgorithmTest, ReplaysForOtherParametersAndTasks) {
  Make({.inner_steps = 2, .inner_rate = 0.1});
  for (int repeat = 0; repeat < 5; ++repeat) ExpectExact(Shard());
  EXPECT_EQ(calls_.warm_ups, 1);
  EXPECT_EQ(calls_.recordings, 1);
  EXPECT_EQ(calls_.replays, 4);
  EXPECT_THAT(reasons_, IsEmpty());
}

TEST_F(GraphedAlgorithmTest, RecordsEveryShapeForItself) {
  Make({.inner_steps = 1, .inner_rate = 0.1});
  for (int repeat = 0; repeat < 3; ++repeat) {
    for (const int64_t tasks : {4, 1}) ExpectExact(Shard(tasks));
  }
  EXPECT_EQ(calls_.recordings, 2);
  EXPECT_EQ(calls_.replays, 4);
}

TEST_F(GraphedAlgorithmTest, TellsTheSameSizesWithOtherWaysApart) {
  Make({.inner_steps = 1, .inner_rate = 0.1});
  for (const int64_t ways : {2, 3}) {
    TaskShard shard = Shard();
    shard.ways = ways;
    ExpectExact(shard);
  }
  EXPECT_EQ(calls_.warm_ups, 2);
}

// What a caller has is not written to by later replays, and inputs may go away.
TEST_F(GraphedAlgorithmTest, GivesSumsThatAreTheCallers) {
  Make({.inner_steps = 1, .inner_rate = 0.1});
  std::vector<TaskSums> sums;
  std::vector<torch::Tensor> gradients;
  for (int repeat = 0; repeat < 4; ++repeat) {
    sums.push_back(graphed_->Differentiate(Parameters(), Shard(), 1));
    gradients.push_back(sums.back().gradient.clone());
  }
  for (size_t i = 0; i < sums.size(); ++i) {
    EXPECT_TRUE(torch::equal(sums[i].gradient, gradients[i])) << i;
  }
}

TEST_F(GraphedAlgorithmTest, ComputesAsEverWhileTheLossFades) {
  Make({.inner_steps = 2, .inner_rate = 0.1, .early_loss_weight = 1, .early_loss_decay_steps = 3});
  for (uint64_t step = 1; step <= 6; ++step) ExpectExact(Shard(), step);
  EXPECT_EQ(calls_.replays, 2);  // Of steps 5 and 6, after the warm-up at step 4.
  EXPECT_THAT(reasons_, ElementsAre(HasSubstr("step to step")));
  ExpectExact(Shard(), /*step=*/1);
}

TEST_F(GraphedAlgorithmTest, ComputesAsEverWhatCannotBeRecordedAndSaysWhyOnce) {
  Make({.inner_steps = 1, .inner_rate = 0.1}, /*fails=*/true);
  for (int repeat = 0; repeat < 4; ++repeat) ExpectExact(Shard());
  EXPECT_EQ(calls_.recordings, 1);
  EXPECT_THAT(reasons_, ElementsAre(HasSubstr("a value was waited for")));
}

TEST_F(GraphedAlgorithmTest, HoldsNoMoreThanEightShapes) {
  Make({.inner_steps = 0, .inner_rate = 0.1});
  for (int repeat = 0; repeat < 3; ++repeat) {
    for (int64_t points = 1; points <= 10; ++points) {
      ExpectExact(Changed(Shard(), [points](const torch::Tensor& tensor) {
        return tensor.narrow(1, 0, 1).repeat({1, points, 1});
      }));
    }
  }
  EXPECT_EQ(calls_.recordings, 8);
  EXPECT_THAT(reasons_, ElementsAre(HasSubstr("more than 8 shapes")));
}

TEST_F(GraphedAlgorithmTest, IsOtherwiseTheAlgorithm) {
  Make({.inner_steps = 1, .inner_rate = 0.1});
  EXPECT_EQ(graphed_->layout().size(), eager_->layout().size());
  EXPECT_TRUE(torch::equal(graphed_->InitialParameters(3), eager_->InitialParameters(3)));
  const EvaluationOptions steps = {.inner_steps = {0, 1}};
  EXPECT_EQ(graphed_->Evaluate(Parameters(), case_.shard, steps).size(), 2u);
  EXPECT_EQ(calls_.warm_ups, 0);
}

}  // namespace
}  // namespace outerloop::meta::cuda
