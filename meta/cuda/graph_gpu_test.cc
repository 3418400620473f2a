// Recordings of meta-gradients, on a GPU.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "meta/algorithms/learner_testing.h"
#include "meta/algorithms/maml.h"
#include "meta/cuda/cuda_block_kernels.h"
#include "meta/cuda/cuda_graph_recorder.h"
#include "meta/cuda/graphed_algorithm.h"

namespace outerloop::meta::cuda {
namespace {

constexpr MamlOptions kMaml = {.inner_steps = 3, .inner_rate = 0.1};

torch::Tensor OnGpu(const torch::Tensor& tensor) {
  return tensor.to(torch::kCUDA, tensor.is_floating_point() ? torch::kFloat : torch::kLong);
}

// Asks for a value in the middle, which no recording can have.
class Waiting final : public Algorithm {
 public:
  explicit Waiting(std::shared_ptr<const Algorithm> algorithm) : algorithm_(std::move(algorithm)) {}
  const ParameterLayout& layout() const override { return algorithm_->layout(); }
  torch::Tensor InitialParameters(uint64_t seed) const override {
    return algorithm_->InitialParameters(seed);
  }
  TaskSums Differentiate(const torch::Tensor& parameters, const TaskShard& shard,
                         uint64_t step) const override {
    const double scale = 1 + 0 * parameters.sum().item<double>();
    return algorithm_->Differentiate(parameters * scale, shard, step);
  }
  TaskScores Evaluate(const torch::Tensor& parameters, const TaskShard& shard,
                      const EvaluationOptions& options) const override {
    return algorithm_->Evaluate(parameters, shard, options);
  }

 private:
  const std::shared_ptr<const Algorithm> algorithm_;
};

class GraphOnGpuTest : public testing::Test {
 protected:
  std::unique_ptr<const Algorithm> Graphed(std::shared_ptr<const Algorithm> algorithm) {
    return MakeGraphed(std::move(algorithm), MakeCudaGraphRecorder(/*device=*/0),
                       [this](const std::string& reason) { reasons_.push_back(reason); });
  }

  void ExpectSameBits(const Algorithm& actual, const Algorithm& expected) {
    for (int repeat = 0; repeat < 5; ++repeat) {
      const torch::Tensor parameters = OnGpu(RandomParameters(expected));
      const TaskShard shard = Changed(ImageShard(), OnGpu);
      const ShardGradient eager = expected.MetaGradient(parameters, shard);
      const ShardGradient replayed = actual.MetaGradient(parameters, shard);
      EXPECT_TRUE(torch::equal(replayed.gradient, eager.gradient)) << "repeat " << repeat;
      EXPECT_EQ(replayed.loss, eager.loss);
      EXPECT_EQ(replayed.accuracy, eager.accuracy);
    }
  }

  static Conv4Options Network() { return {.height = 12, .width = 12, .filters = 6, .ways = 5}; }

  std::vector<std::string> reasons_;
};

TEST_F(GraphOnGpuTest, ReplaysTheBitsOfLibTorchsLayers) {
  const std::shared_ptr<const Algorithm> maml = MakeMaml(kMaml, MakeConv4(Network()));
  ExpectSameBits(*Graphed(maml), *maml);
  EXPECT_THAT(reasons_, testing::IsEmpty());
}

TEST_F(GraphOnGpuTest, ReplaysTheBitsOfFusedBlocks) {
  const std::shared_ptr<const Algorithm> maml =
      MakeMaml(kMaml, MakeConv4(Network(), MakeCudaBlockKernels()));
  ExpectSameBits(*Graphed(maml), *maml);
  EXPECT_THAT(reasons_, testing::IsEmpty());
}

TEST_F(GraphOnGpuTest, GoesOnAfterWhatCannotBeRecorded) {
  const std::shared_ptr<const Algorithm> maml = MakeMaml(kMaml, MakeConv4(Network()));
  ExpectSameBits(*Graphed(std::make_shared<Waiting>(maml)), *maml);
  EXPECT_THAT(reasons_, testing::ElementsAre(testing::HasSubstr("cannot be recorded")));
  ExpectSameBits(*Graphed(maml), *maml);
  EXPECT_EQ(reasons_.size(), 1u);
}

}  // namespace
}  // namespace outerloop::meta::cuda
