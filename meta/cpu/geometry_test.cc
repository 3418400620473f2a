#include "meta/cpu/geometry.h"

#include <map>
#include <set>
#include <tuple>

#include "gtest/gtest.h"

namespace outerloop::meta::cpu {
namespace {

// Everything that groups join: (source, target, weight).
std::multiset<std::tuple<int, int, int>> Joined(const std::vector<PositionGroup>& groups) {
  std::multiset<std::tuple<int, int, int>> joined;
  for (const PositionGroup& group : groups) {
    for (int64_t p = 0; p < group.num_positions; ++p) {
      for (int64_t t = 0; t < group.num_taps; ++t) {
        joined.emplace(group.positions[p].source + group.taps[t].source, group.positions[p].target,
                       group.taps[t].weight);
      }
    }
  }
  return joined;
}

class GeometryTest : public testing::TestWithParam<std::tuple<ImageSize, int64_t>> {
 protected:
  const ImageSize inputs_ = std::get<0>(GetParam());
  const int64_t stride_ = std::get<1>(GetParam());
  const ConvolutionGeometry geometry_{inputs_, stride_};
};

TEST_P(GeometryTest, ForwardJoinsWhatTheDefinitionJoins) {
  std::multiset<std::tuple<int, int, int>> expected;
  for (int y = 0; y < geometry_.outputs().height; ++y) {
    for (int x = 0; x < geometry_.outputs().width; ++x) {
      for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) {
          const int64_t v = y * stride_ + i - 1, u = x * stride_ + j - 1;
          if (v < 0 || u < 0 || v >= inputs_.height || u >= inputs_.width) continue;
          expected.emplace(v * inputs_.width + u, y * geometry_.outputs().width + x, 3 * i + j);
        }
      }
    }
  }
  EXPECT_EQ(Joined(geometry_.forward()), expected);
}

TEST_P(GeometryTest, BackwardAndWeightsJoinTheSame) {
  std::multiset<std::tuple<int, int, int>> backward, weights;
  for (const auto& [output, input, weight] : Joined(geometry_.backward())) {
    backward.emplace(input, output, weight);
  }
  for (int64_t weight = 0; weight < kTaps; ++weight) {
    const PositionList& list = geometry_.weights()[weight];
    for (int64_t i = 0; i < list.num_positions; ++i) {
      weights.emplace(list.positions[i].source, list.positions[i].target, weight);
    }
  }
  EXPECT_EQ(backward, Joined(geometry_.forward()));
  EXPECT_EQ(weights, Joined(geometry_.forward()));
}

TEST_P(GeometryTest, EveryPixelIsATargetOnce) {
  const auto targets = [](const std::vector<PositionGroup>& groups) {
    std::map<int, int> counts;
    for (const PositionGroup& group : groups) {
      for (int64_t p = 0; p < group.num_positions; ++p) ++counts[group.positions[p].target];
    }
    return counts;
  };
  for (const auto& [targets_of, pixels] :
       {std::pair(targets(geometry_.forward()), geometry_.outputs().pixels()),
        std::pair(targets(geometry_.backward()), inputs_.pixels())}) {
    EXPECT_EQ(targets_of.size(), pixels);
    for (const auto& [target, count] : targets_of) EXPECT_EQ(count, 1) << target;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, GeometryTest,
                         testing::Combine(testing::Values(ImageSize{14, 14}, ImageSize{7, 7},
                                                          ImageSize{1, 1}, ImageSize{5, 12},
                                                          ImageSize{2, 1}),
                                          testing::Values(1, 2, 3)));

TEST(Geometry, GroupsTheSecondLayersOutputsByTheFourKindsOfEdge) {
  const ConvolutionGeometry geometry({14, 14}, /*stride=*/2);
  ASSERT_EQ(geometry.forward().size(), 4);
  EXPECT_EQ(geometry.forward()[0].num_taps, 9);
  EXPECT_EQ(geometry.forward()[0].num_positions, 36);
  EXPECT_EQ(geometry.forward()[3].num_taps, 4);  // The corner.
  EXPECT_EQ(geometry.forward()[3].num_positions, 1);
}

}  // namespace
}  // namespace outerloop::meta::cpu
