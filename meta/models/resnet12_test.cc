#include "meta/models/resnet12.h"

#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

// That it computes what it should is tested with the other models (models_test.cc,
// encoders_test.cc).

// As its published code counts: 12,424,320 in the blocks.
TEST(ResNet12, HasTheParametersOfThePaper) {
  const auto encoder = MakeEncoder(MakeResNet12({}));
  const ParameterLayout& layout = encoder->layout();
  EXPECT_EQ(layout.at("block1.conv1.weight").shape, (std::vector<int64_t>{64, 3, 3, 3}));
  EXPECT_EQ(layout.at("block4.conv3.weight").shape, (std::vector<int64_t>{640, 640, 3, 3}));
  EXPECT_EQ(layout.at("block2.shortcut.conv.weight").shape, (std::vector<int64_t>{160, 64, 1, 1}));
  EXPECT_EQ(layout.at("block3.norm2.shift").shape, (std::vector<int64_t>{320}));
  EXPECT_EQ(layout.size(), 12'424'320);
  EXPECT_EQ(encoder->features(), 640);
}

TEST(ResNet12, HasAllValuesOfTheLastImagesForFeatures) {
  const auto encoder = MakeEncoder(MakeResNet12({.averages = false}));
  EXPECT_EQ(encoder->features(), 640 * 5 * 5);
  const auto small = MakeEncoder(
      MakeResNet12({.height = 17, .width = 32, .filters = {1, 2, 3, 4}, .averages = false}));
  const torch::Tensor parameters = torch::randn({1, small->layout().size()});
  EXPECT_EQ(small->Encode(parameters, torch::randn({1, 2, 3, 17, 32})).features.sizes(),
            (torch::IntArrayRef{1, 2, 4 * 1 * 2}));
}

TEST(ResNet12, RefusesImagesThatFourMaximaLeaveNothingOf) {
  EXPECT_NO_THROW(MakeResNet12({.height = 16, .width = 16}));
  EXPECT_THROW(MakeResNet12({.height = 15, .width = 16}), c10::ValueError);
}

}  // namespace
}  // namespace outerloop::meta
