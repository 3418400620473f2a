// The convolution kernel: a tile of positions x filters is summed up in registers.
//
// For a channel of a tap, a row of kRow registers of weights is loaded once and used for all
// positions of the tile, and each position's value is broadcast once and used for the whole row:
// kPositions x kRow multiplications for kPositions + kRow loads. Positions of one group have the
// same taps, so there is no test inside and nothing is multiplied with padding. Tiles span images:
// the last layers have groups of one position an image.
#ifndef OUTERLOOP_META_CPU_CONVOLVE_KERNEL_H_
#define OUTERLOOP_META_CPU_CONVOLVE_KERNEL_H_

#include <cstdint>

#include "meta/cpu/kernels.h"
#include "meta/cpu/tiles.h"

namespace outerloop::meta::cpu {

// Positions of one tile at most: more would need more address registers than there are.
inline constexpr int kMostPositions = 8;

// Where the positions of a tile lie in memory, in values.
struct PositionTile {
  int64_t sources[kMostPositions];
  int64_t targets[kMostPositions];
};

// Walks the positions of a group through all images.
template <class V>
class PositionWalk {
 public:
  using S = typename V::Scalar;

  [[gnu::always_inline]] PositionWalk(const Convolution<S>& convolution, const PositionGroup& group)
      : convolution_(convolution), group_(group) {}

  [[gnu::always_inline]] PositionTile Next(int64_t count) {
    PositionTile tile;
    for (int64_t m = 0; m < count; ++m) {
      const Position& position = group_.positions[index_];
      tile.sources[m] =
          (image_ * convolution_.source_pixels + position.source) * convolution_.source_stride;
      tile.targets[m] =
          (image_ * convolution_.target_pixels + position.target) * convolution_.filters;
      Step();
    }
    return tile;
  }

 private:
  [[gnu::always_inline]] void Step() {
    if (++index_ < group_.num_positions) return;
    index_ = 0;
    ++image_;
  }

  const Convolution<S>& convolution_;
  const PositionGroup& group_;
  int64_t index_ = 0;
  int64_t image_ = 0;
};

// One tile, of the filters from `filter` on.
template <class V, int kPositions, int kRow>
struct ConvolveTile {
  using S = typename V::Scalar;
  using Register = typename V::Register;

  const Convolution<S>& convolution;
  const PositionGroup& group;
  const PositionTile& tile;
  const int64_t filter;

  [[gnu::always_inline]] void Run() const {
    Register sums[kPositions][kRow];
    Start(sums);
    for (int term = 0; term < convolution.num_terms; ++term) {
      for (int64_t tap = 0; tap < group.num_taps; ++tap) {
        AddTap(convolution.terms[term], group.taps[tap], sums);
      }
    }
    Finish(sums);
  }

 private:
  [[gnu::always_inline]] void Start(Register (&sums)[kPositions][kRow]) const {
    for (int j = 0; j < kRow; ++j) {
      const Register start = convolution.bias == nullptr
                                 ? Register{}
                                 : V::Load(convolution.bias + filter + j * V::kLanes);
      for (int m = 0; m < kPositions; ++m) sums[m][j] = start;
    }
  }

  [[gnu::always_inline]] void AddTap(const typename Convolution<S>::Term& term, const Tap& tap,
                                     Register (&sums)[kPositions][kRow]) const {
    const int64_t channels = convolution.channels, filters = convolution.filters;
    const S* weight = term.weights + tap.weight * channels * filters + filter;
    const S* sources[kPositions];
    for (int m = 0; m < kPositions; ++m) {
      sources[m] = term.sources + tile.sources[m] + tap.source * convolution.source_stride;
    }
    for (int64_t c = 0; c < channels; ++c, weight += filters) {
      Register weights[kRow];
      for (int j = 0; j < kRow; ++j) weights[j] = V::Load(weight + j * V::kLanes);
      for (int m = 0; m < kPositions; ++m) {
        const Register source = V::Broadcast(sources[m][c]);
        for (int j = 0; j < kRow; ++j) {
          sums[m][j] = V::MultiplyAdd(source, weights[j], sums[m][j]);
        }
      }
    }
  }

  [[gnu::always_inline]] void Finish(const Register (&sums)[kPositions][kRow]) const {
    const Register zero{};
    for (int m = 0; m < kPositions; ++m) {
      const int64_t target = tile.targets[m] + filter;
      for (int j = 0; j < kRow; ++j) {
        Register sum = sums[m][j];
        if (convolution.rectify) sum = sum > zero ? sum : zero;
        if (convolution.mask != nullptr) {
          sum = V::Load(convolution.mask + target + j * V::kLanes) > zero ? sum : zero;
        }
        V::Store(convolution.targets + target + j * V::kLanes, sum);
      }
    }
  }
};

// Never inlined: each size of tile gets its registers allocated by itself.
template <class V, int kPositions, int kRow>
[[gnu::noinline]] void RunConvolveTile(const Convolution<typename V::Scalar>& convolution,
                                       const PositionGroup& group, const PositionTile& tile,
                                       int64_t filter) {
  ConvolveTile<V, kPositions, kRow>{convolution, group, tile, filter}.Run();
}

template <class V>
void Convolve(const Convolution<typename V::Scalar>& convolution) {
  ForEachChannelBlock<V>(convolution.filters, [&](int64_t filter, auto row) {
    constexpr int kFit = V::kSums / row;
    constexpr int kMost = kFit < kMostPositions ? kFit : kMostPositions;
    for (int64_t g = 0; g < convolution.num_groups; ++g) {
      const PositionGroup& group = convolution.groups[g];
      PositionWalk<V> walk(convolution, group);
      ForEachPart<V>(convolution.images * group.num_positions, kMost, [&](int64_t, int64_t count) {
        const PositionTile tile = walk.Next(count);
        WithConstant<V, kMost>(count, [&](auto positions) {
          RunConvolveTile<V, positions, row>(convolution, group, tile, filter);
        });
      });
    }
  });
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_CONVOLVE_KERNEL_H_
