#include "meta/initial_parameters.h"

#include <cmath>

#include "common/philox.h"
#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

const std::map<std::string, InitialRange> kRanges = {{"a", {3, 3}}, {"b", {-2, 1}}};

ParameterLayout SmallLayout() { return ParameterLayout({{"a", {2}}, {"b", {100, 100}}}); }

TEST(InitialParameters, AreTheNumbersOfEachTensorsOwnStream) {
  const torch::Tensor parameters = DrawInitialParameters(SmallLayout(), kRanges, /*seed=*/7);
  EXPECT_EQ(parameters[1].item<float>(), 3.0f);
  RandomStream stream(7, RandomPurpose::kInitialParameters, /*step=*/1, /*task=*/0);
  for (int i = 2; i < 10; ++i) {
    EXPECT_EQ(parameters[i].item<float>(), static_cast<float>(stream.Uniform(-2, 1)));
  }
}

TEST(InitialParameters, FillTheirRangeEvenly) {
  const ParameterLayout layout = SmallLayout();
  const torch::Tensor b = View(DrawInitialParameters(layout, kRanges, /*seed=*/7), layout.at("b"));
  EXPECT_GE(b.min().item<double>(), -2);
  EXPECT_LE(b.max().item<double>(), 1);
  EXPECT_NEAR(b.mean().item<double>(), -0.5, 0.05);
  EXPECT_NEAR(b.std().item<double>(), 3 / std::sqrt(12.0), 0.02);
}

TEST(InitialParameters, AreAFunctionOfTheSeed) {
  const torch::Tensor parameters = DrawInitialParameters(SmallLayout(), kRanges, /*seed=*/7);
  EXPECT_TRUE(torch::equal(parameters, DrawInitialParameters(SmallLayout(), kRanges, 7)));
  EXPECT_FALSE(torch::equal(parameters, DrawInitialParameters(SmallLayout(), kRanges, 8)));
}

TEST(InitialParameters, HaveTheBoundsOfTheirPapers) {
  EXPECT_EQ(HeUniform(24).high, 0.5);
  EXPECT_EQ(HeUniform(24).low, -0.5);
  EXPECT_EQ(GlorotUniform(20, 4).high, 0.5);
}

}  // namespace
}  // namespace outerloop::meta
