#include "meta/cpu/geometry.h"

#include <algorithm>
#include <functional>
#include <map>

namespace outerloop::meta::cpu {
namespace {

// Of the first source, from which the taps' places are counted. Pixels without sources have none.
int32_t Origin(const PositionGroups::Sources& sources) {
  return sources.empty() ? 0 : sources.front().source;
}

using TapKey = std::vector<std::pair<int32_t, int32_t>>;

TapKey RelativeTaps(const PositionGroups::Sources& sources) {
  TapKey key;
  for (const Tap& tap : sources) key.emplace_back(tap.source - Origin(sources), tap.weight);
  return key;
}

constexpr Tap kOneTap = {0, 0};
constexpr Position kOnePosition = {0, 0};

}  // namespace

ImageSize OutputSize(ImageSize inputs, int64_t stride) {
  return {(inputs.height - 1) / stride + 1, (inputs.width - 1) / stride + 1};
}

PositionGroups::PositionGroups(const std::vector<Sources>& sources_of) {
  std::map<TapKey, Group> by_taps;
  for (size_t target = 0; target < sources_of.size(); ++target) {
    const Sources& sources = sources_of[target];
    by_taps[RelativeTaps(sources)].positions.push_back(
        {Origin(sources), static_cast<int32_t>(target)});
  }
  for (auto& [key, group] : by_taps) {
    for (const auto& [source, weight] : key) group.taps.push_back({source, weight});
    owned_.push_back(std::move(group));
  }
  std::stable_sort(owned_.begin(), owned_.end(),
                   [](const Group& a, const Group& b) { return a.taps.size() > b.taps.size(); });
  for (const Group& group : owned_) {
    groups_.push_back({group.taps.data(), static_cast<int64_t>(group.taps.size()),
                       group.positions.data(), static_cast<int64_t>(group.positions.size())});
  }
}

ConvolutionGeometry::ConvolutionGeometry(ImageSize inputs, int64_t stride)
    : inputs_(inputs),
      outputs_(OutputSize(inputs, stride)),
      stride_(stride),
      forward_(ForwardSources()),
      backward_(BackwardSources()) {
  ForEachPair([&](int32_t weight, int32_t input, int32_t output) {
    pairs_[weight].push_back({input, output});
  });
  for (int64_t weight = 0; weight < kTaps; ++weight) {
    weights_[weight] = {pairs_[weight].data(), static_cast<int64_t>(pairs_[weight].size())};
  }
}

template <typename Joined>
void ConvolutionGeometry::ForEachPair(const Joined& joined) const {
  for (int64_t output = 0; output < outputs_.pixels(); ++output) {
    const int64_t top = output / outputs_.width * stride_ - 1;
    const int64_t left = output % outputs_.width * stride_ - 1;
    for (int64_t weight = 0; weight < kTaps; ++weight) {
      const int64_t y = top + weight / 3, x = left + weight % 3;
      if (y < 0 || y >= inputs_.height || x < 0 || x >= inputs_.width) continue;
      joined(static_cast<int32_t>(weight), static_cast<int32_t>(y * inputs_.width + x),
             static_cast<int32_t>(output));
    }
  }
}

std::vector<PositionGroups::Sources> ConvolutionGeometry::ForwardSources() const {
  std::vector<PositionGroups::Sources> sources(static_cast<size_t>(outputs_.pixels()));
  ForEachPair([&](int32_t weight, int32_t input, int32_t output) {
    sources[output].push_back({input, weight});
  });
  return sources;
}

std::vector<PositionGroups::Sources> ConvolutionGeometry::BackwardSources() const {
  std::vector<PositionGroups::Sources> sources(static_cast<size_t>(inputs_.pixels()));
  ForEachPair([&](int32_t weight, int32_t input, int32_t output) {
    sources[input].push_back({output, weight});
  });
  return sources;
}

const PositionGroup& SinglePixelGroup() {
  static constexpr PositionGroup kGroup = {&kOneTap, 1, &kOnePosition, 1};
  return kGroup;
}

const PositionList& SinglePixelList() {
  static constexpr PositionList kList = {&kOnePosition, 1};
  return kList;
}

}  // namespace outerloop::meta::cpu
