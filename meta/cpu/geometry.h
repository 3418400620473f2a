// Which pixels a 3x3 convolution with one pixel of padding joins.
#ifndef OUTERLOOP_META_CPU_GEOMETRY_H_
#define OUTERLOOP_META_CPU_GEOMETRY_H_

#include <array>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "meta/cpu/kernels.h"

namespace outerloop::meta::cpu {

inline constexpr int64_t kTaps = 9;

struct ImageSize {
  int64_t height = 1;
  int64_t width = 1;

  int64_t pixels() const { return height * width; }
  bool operator==(const ImageSize&) const = default;
};

// floor((size - 1) / stride) + 1 both ways.
ImageSize OutputSize(ImageSize inputs, int64_t stride);

// The target pixels of an image, grouped by the taps that they sum over. Immutable; what groups()
// points to lives as long as this does.
class PositionGroups {
 public:
  // The source pixels of a target pixel, each with the number of its weight.
  using Sources = std::vector<Tap>;

  // `sources_of[p]` are target pixel p's.
  explicit PositionGroups(const std::vector<Sources>& sources_of);
  PositionGroups(PositionGroups&&) = default;

  // By decreasing number of taps.
  const std::vector<PositionGroup>& groups() const { return groups_; }

 private:
  struct Group {
    std::vector<Tap> taps;
    std::vector<Position> positions;
  };

  std::deque<Group> owned_;
  std::vector<PositionGroup> groups_;
};

// A convolution of images of one size, stride 1 or more. Output pixel (y, x) sums over the input
// pixels (stride y + i - 1, stride x + j - 1), i and j from 0 to 2, that are in the image; weight
// 3 i + j belongs to each. Immutable.
class ConvolutionGeometry {
 public:
  ConvolutionGeometry(ImageSize inputs, int64_t stride);

  ImageSize inputs() const { return inputs_; }
  ImageSize outputs() const { return outputs_; }

  // Outputs as targets, inputs as sources.
  const std::vector<PositionGroup>& forward() const { return forward_.groups(); }
  // Inputs as targets, outputs as sources: where an input's gradient comes from.
  const std::vector<PositionGroup>& backward() const { return backward_.groups(); }
  // For each weight the pairs of input (source) and output (target) that it joins.
  const std::array<PositionList, kTaps>& weights() const { return weights_; }

 private:
  // Calls joined(weight, input pixel, output pixel) for all that are joined, by output pixel.
  template <typename Joined>
  void ForEachPair(const Joined& joined) const;
  std::vector<PositionGroups::Sources> ForwardSources() const;
  std::vector<PositionGroups::Sources> BackwardSources() const;

  const ImageSize inputs_;
  const ImageSize outputs_;
  const int64_t stride_;
  const PositionGroups forward_;
  const PositionGroups backward_;
  std::array<std::vector<Position>, kTaps> pairs_;
  std::array<PositionList, kTaps> weights_;
};

// One pixel to one pixel with one weight: a matrix product, whose rows are images of one pixel.
const PositionGroup& SinglePixelGroup();
const PositionList& SinglePixelList();

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_GEOMETRY_H_
