// The kernels of fused blocks, on a GPU.
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cuda/cuda_block_kernels.h"
#include "meta/cuda/normalized_relu_testing.h"

namespace outerloop::meta::cuda {
namespace {

// Few windows and columns, so that most threads have none; and many, so that sums are divided.
struct Case {
  const char* name;
  bool pools;
  std::vector<int64_t> sizes;  // [T, N, C, H, W]
};
const Case kCases[] = {{"Small", false, {2, 3, 4, 5, 4}},
                       {"SmallPooled", true, {2, 3, 4, 7, 5}},
                       {"Large", false, {3, 25, 48, 42, 42}},
                       {"LargePooled", true, {3, 25, 32, 83, 84}}};

class BlockOnGpuTest : public testing::TestWithParam<Case> {
 protected:
  static torch::Tensor OnGpu(const torch::Tensor& tensor) { return tensor.to(torch::kCUDA); }
  static torch::Tensor Single(const torch::Tensor& tensor) {
    return tensor.to(torch::kCUDA, torch::kFloat);
  }

  NormalizedReluOptions Options() const {
    return {.channels = GetParam().sizes[2], .pools = GetParam().pools};
  }

  const std::unique_ptr<const Layer> one_by_one_ = MakeOneByOne(Options());
  const std::unique_ptr<const Layer> fused_ = MakeNormalizedRelu(Options(), MakeCudaBlockKernels());
  const LayerPoint point_ = RandomPoint(*one_by_one_, GetParam().sizes);
  const LayerPoint direction_ = RandomPoint(*one_by_one_, GetParam().sizes);
};

TEST_P(BlockOnGpuTest, ComputesWhatTheLayersDoOnTheCpu) {
  const RuleResults expected = RunAll(*one_by_one_, point_, direction_);
  ExpectAllClose(RunAll(*fused_, Changed(point_, OnGpu), Changed(direction_, OnGpu)), expected,
                 1e-10);
}

TEST_P(BlockOnGpuTest, DoesSoInSinglePrecision) {
  const LayerPoint point = Changed(point_, Single), direction = Changed(direction_, Single);
  ExpectAllClose(RunAll(*fused_, point, direction), RunAll(*one_by_one_, point, direction), 1e-4);
}

TEST_P(BlockOnGpuTest, GivesTheSameBitsAgainAndForATaskAlone) {
  const LayerPoint point = Changed(point_, Single), direction = Changed(direction_, Single);
  const auto first_task = [](const torch::Tensor& all) { return all.narrow(0, 0, 1); };
  const RuleResults once = RunAll(*fused_, point, direction);
  const RuleResults again = RunAll(*fused_, point, direction);
  const RuleResults alone =
      RunAll(*fused_, Changed(point, first_task), Changed(direction, first_task));
  const torch::Tensor& gradient = once.gradient_tangents.inputs;
  EXPECT_TRUE(torch::equal(again.gradient_tangents.inputs, gradient));
  EXPECT_TRUE(torch::equal(alone.gradient_tangents.inputs, first_task(gradient)));
  EXPECT_TRUE(torch::equal(alone.outputs, first_task(once.outputs)));
}

INSTANTIATE_TEST_SUITE_P(Shapes, BlockOnGpuTest, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace outerloop::meta::cuda
