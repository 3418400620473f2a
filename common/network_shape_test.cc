#include "common/network_shape.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

using ::testing::HasSubstr;

constexpr char kConvolution[] =
    "layers { convolution { filters: 8 kernel_size: 3 stride: 1 padding: 1 } }";

absl::StatusOr<ExampleShape> ShapeOf(const std::string& network, const ExampleShape& inputs) {
  v1::Sequential message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(network, &message)) << network;
  return OutputShape("layers", message.layers(), inputs);
}

bool Learns(const std::string& network) {
  v1::Sequential message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(network, &message)) << network;
  return HasParameters(message.layers());
}

TEST(NetworkShape, FollowsEveryKindOfLayer) {
  const std::vector<std::pair<std::string, ExampleShape>> cases = {
      {"", {3, 10, 7}},
      {kConvolution, {8, 10, 7}},
      {"layers { convolution { filters: 8 kernel_size: 3 stride: 2 padding: 1 } }", {8, 5, 4}},
      {"layers { convolution { filters: 8 kernel_size: 7 stride: 1 } }", {8, 4, 1}},
      {"layers { normalization { batch {} } }", {3, 10, 7}},
      {"layers { normalization { group { groups: 3 } } }", {3, 10, 7}},
      {"layers { relu {} }", {3, 10, 7}},
      {"layers { max_pool {} }", {3, 5, 3}},
      {"layers { global_average_pool {} }", {3}},
      {"layers { flatten {} }", {210}},
      {"layers { linear { units: 40 } }", {40}},
      {"layers { residual { layers { relu {} } } }", {3, 10, 7}},
      {"layers { residual { layers { linear { units: 4 } } shortcut { linear { units: 4 } } } }",
       {4}},
      {"layers { max_pool {} } layers { flatten {} } layers { linear { units: 2 } }", {2}},
  };
  for (const auto& [network, expected] : cases) {
    const auto shape = ShapeOf(network, {3, 10, 7});
    ASSERT_TRUE(shape.ok()) << network << ": " << shape.status();
    EXPECT_EQ(*shape, expected) << network;
  }
}

TEST(NetworkShape, RefusesWhatDoesNotFit) {
  struct Refusal {
    std::string network;
    ExampleShape inputs;
    std::string error;
  };
  const std::vector<Refusal> cases = {
      {kConvolution, {40}, "layers[0].convolution: a layer of images is not allowed; give linear"},
      {"layers { flatten {} } layers { max_pool {} }",
       {1, 4, 4},
       "layers[1].max_pool: a layer of images is not allowed; give linear or relu: its inputs are "
       "16 values"},
      {"layers { relu {} } layers { normalization { batch {} } }",
       {4},
       "layers[1].normalization: a layer of images is not allowed"},
      {"layers { global_average_pool {} }",
       {4},
       "layers[0].global_average_pool: a layer of images"},
      {"layers { convolution { filters: 8 kernel_size: 5 stride: 1 padding: 1 } }",
       {3, 2, 9},
       "layers[0].convolution.kernel_size: 5 is not allowed; give at most 4: its inputs are images "
       "of 3 x 2 x 9 (channels, height, width)"},
      {"layers { convolution { filters: 8 kernel_size: 3 stride: 1 padding: 3 } }",
       {3, 9, 9},
       "layers[0].convolution.padding: 3 is not allowed; give less than kernel_size, 3"},
      {"layers { max_pool {} } layers { max_pool {} }",
       {3, 8, 3},
       "layers[1].max_pool: a maximum of 2 x 2 pixels is not allowed; give none: its inputs are "
       "images of 3 x 4 x 1"},
      {"layers { normalization { group { groups: 2 } } }",
       {3, 9, 9},
       "layers[0].normalization.group.groups: 2 is not allowed; give a divisor of the number of "
       "channels there, 3"},
      {"layers { residual { layers { max_pool {} } } }",
       {3, 8, 8},
       "layers[0].residual: a sum of images of 3 x 4 x 4 (channels, height, width) and images of 3 "
       "x 8 x 8 (channels, height, width) is not allowed; give layers and a shortcut"},
      {"layers { residual { layers { relu {} } layers { residual { layers { relu {} } } } } }",
       {4},
       "layers[0].residual.layers[1].residual: a residual layer within another is not allowed"},
      {"layers { residual { layers { relu {} } shortcut { max_pool {} } } }",
       {4},
       "layers[0].residual.shortcut[0].max_pool: a layer of images"},
      {"layers { linear { units: 4096 } }",
       {1, 128, 129},
       "layers[0].linear.units: 4096 is not allowed; give at most 4064"},
      {"layers { convolution { filters: 512 kernel_size: 3 stride: 1 padding: 1 } }",
       {1, 90, 92},
       "layers[0]: images of 512 x 90 x 92 (channels, height, width) is not allowed; give less"},
  };
  for (const auto& [network, inputs, error] : cases) {
    const auto shape = ShapeOf(network, inputs);
    EXPECT_EQ(shape.status().code(), absl::StatusCode::kInvalidArgument) << network;
    EXPECT_THAT(std::string(shape.status().message()), HasSubstr(error));
  }
}

TEST(NetworkShape, KnowsWhereSomethingIsLearned) {
  for (const char* network :
       {kConvolution, "layers { relu {} } layers { linear { units: 1 } }",
        "layers { normalization { group { groups: 1 } } }",
        "layers { residual { layers { relu {} } shortcut { linear { units: 1 } } } }"}) {
    EXPECT_TRUE(Learns(network)) << network;
  }
  for (const char* network :
       {"", "layers { relu {} } layers { flatten {} } layers { max_pool {} }",
        "layers { normalization { none {} } }", "layers { residual { layers { relu {} } } }"}) {
    EXPECT_FALSE(Learns(network)) << network;
  }
}

}  // namespace
}  // namespace outerloop
