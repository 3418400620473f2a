#include "meta/cpu/parameter_packing.h"

#include <algorithm>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "meta/cpu/geometry.h"
#include "meta/cpu/instruction_set.h"

namespace outerloop::meta::cpu {
namespace {

constexpr NetworkShape kShape = {
    .channels = 3, .filters = 32, .blocks = 2, .pixels = 6, .ways = 5, .padded_ways = 16};

ParameterLayout Layout(bool has_classifier) {
  std::map<std::string, std::vector<int64_t>> shapes;
  if (has_classifier) {
    shapes = {{"linear.weight", {kShape.ways, kShape.features()}}, {"linear.bias", {kShape.ways}}};
  }
  for (int64_t block = 0; block < kShape.blocks; ++block) {
    const std::string name = "block" + std::to_string(block + 1);
    shapes[name + ".conv.weight"] = {kShape.filters, kShape.channels_of(block), 3, 3};
    shapes[name + ".norm.scale"] = {kShape.filters};
    shapes[name + ".norm.shift"] = {kShape.filters};
  }
  return ParameterLayout(shapes);
}

class ParameterPackingTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!BestInstructionSet()) GTEST_SKIP() << "no kernels for this CPU";
    packing_.emplace(kShape, layout_, KernelsFor<float>(*BestInstructionSet()));
    packed_ = packing_->Allocate(/*transposed=*/true);
    packing_->Pack(flat_.data_ptr<float>(), packed_);
  }

  const ParameterLayout layout_ = Layout(/*has_classifier=*/true);
  const torch::Tensor flat_ = torch::randn({layout_.size()});
  std::optional<ParameterPacking<float>> packing_;
  PackedParameters<float> packed_;
};

TEST_F(ParameterPackingTest, OrdersConvolutionWeightsByTapChannelFilter) {
  for (int64_t block = 0; block < kShape.blocks; ++block) {
    const std::string name = "block" + std::to_string(block + 1) + ".conv.weight";
    const torch::Tensor weight = View(flat_, layout_.at(name));
    const int64_t channels = kShape.channels_of(block);
    const torch::Tensor expected = weight.flatten(2).permute({2, 1, 0}).contiguous();
    const torch::Tensor actual =
        torch::from_blob(packed_.blocks[block].weight, {kTaps, channels, kShape.filters});
    EXPECT_TRUE(torch::equal(actual, expected)) << name;
  }
}

TEST_F(ParameterPackingTest, TransposesTapsForTheWayBack) {
  EXPECT_EQ(packed_.blocks[0].transposed, nullptr);
  const torch::Tensor weight = View(flat_, layout_.at("block2.conv.weight"));
  const torch::Tensor expected = weight.flatten(2).permute({2, 0, 1}).contiguous();
  EXPECT_TRUE(torch::equal(
      torch::from_blob(packed_.blocks[1].transposed, {kTaps, kShape.filters, kShape.filters}),
      expected));
}

TEST_F(ParameterPackingTest, OrdersFeaturesAsChannelsLastImagesAndPadsWays) {
  const torch::Tensor weight = View(flat_, layout_.at("linear.weight"))
                                   .view({kShape.ways, kShape.filters, kShape.pixels})
                                   .transpose(1, 2)
                                   .flatten(1);  // [ways, features]
  const torch::Tensor actual =
      torch::from_blob(packed_.linear_weight, {kShape.features(), kShape.padded_ways});
  EXPECT_TRUE(torch::equal(actual.narrow(1, 0, kShape.ways), weight.t()));
  EXPECT_TRUE(
      actual.narrow(1, kShape.ways, kShape.padded_ways - kShape.ways).eq(0).all().item<bool>());
  EXPECT_TRUE(torch::equal(
      torch::from_blob(packed_.linear_transposed, {kShape.ways, kShape.features()}), weight));
}

TEST_F(ParameterPackingTest, UnpacksWhatItPacked) {
  torch::Tensor back = torch::zeros_like(flat_);
  packing_->Unpack(packed_, back.data_ptr<float>());
  EXPECT_TRUE(torch::equal(back, flat_));
}

// In name order the blocks come before the classifier, so their values are the first.
TEST_F(ParameterPackingTest, PacksBlocksWithoutAClassifierAlike) {
  NetworkShape shape = kShape;
  shape.ways = shape.padded_ways = 0;
  const ParameterPacking<float> packing(shape, Layout(/*has_classifier=*/false),
                                        KernelsFor<float>(*BestInstructionSet()));
  const PackedParameters<float> packed = packing.Allocate(/*transposed=*/true);
  packing.Pack(flat_.data_ptr<float>(), packed);
  EXPECT_TRUE(std::equal(packed.buffer.data(), packed.buffer.data() + packed.buffer.size(),
                         packed_.buffer.data()));
  torch::Tensor back = torch::zeros_like(flat_);
  packing.Unpack(packed, back.data_ptr<float>());
  const int64_t blocks = layout_.at("linear.bias").offset;
  EXPECT_TRUE(torch::equal(back.narrow(0, 0, blocks), flat_.narrow(0, 0, blocks)));
  EXPECT_TRUE(back.narrow(0, blocks, back.size(0) - blocks).eq(0).all().item<bool>());
}

}  // namespace
}  // namespace outerloop::meta::cpu
