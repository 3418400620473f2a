// The weight gradient's kernel: a tile of channels x filters of one tap is summed up in registers
// over the positions that the tap joins.
//
// The scheme of the convolution, turned round: a position's row of kRow registers of target
// gradients is loaded once for all channels of the tile, and each channel's value broadcast once
// for the row. Positions are taken in blocks whose rows stay in the first-level cache while all
// tiles of channels go over them.
#ifndef OUTERLOOP_META_CPU_WEIGHT_GRADIENT_KERNEL_H_
#define OUTERLOOP_META_CPU_WEIGHT_GRADIENT_KERNEL_H_

#include <cstdint>

#include "meta/cpu/kernels.h"
#include "meta/cpu/tiles.h"

namespace outerloop::meta::cpu {

// Where the rows of some positions lie in memory, in values.
struct PositionBlock {
  static constexpr int64_t kMost = 128;

  int64_t size;
  int64_t sources[kMost];
  int64_t targets[kMost];
};

// The block's part of one tile: channels from `channel` on, filters from `filter` on. `gradient` is
// the tap's [channels, filters]. With `add`, to what is there.
template <class V, int kChannels, int kRow>
[[gnu::noinline]] void AddToWeightGradientTile(const WeightGradient<typename V::Scalar>& arguments,
                                               const PositionBlock& block, int64_t channel,
                                               int64_t filter, bool add,
                                               typename V::Scalar* gradient) {
  using S = typename V::Scalar;
  using Register = typename V::Register;
  const int64_t filters = arguments.filters;
  S* const to = gradient + channel * filters + filter;
  Register sums[kChannels][kRow];
  for (int m = 0; m < kChannels; ++m) {
    for (int j = 0; j < kRow; ++j) {
      sums[m][j] = add ? V::Load(to + m * filters + j * V::kLanes) : Register{};
    }
  }
  for (int term = 0; term < arguments.num_terms; ++term) {
    const S* const sources = arguments.terms[term].sources + channel;
    const S* const targets = arguments.terms[term].target_gradients + filter;
    for (int64_t p = 0; p < block.size; ++p) {
      const S* const source = sources + block.sources[p];
      const S* const target = targets + block.targets[p];
      Register row[kRow];
      for (int j = 0; j < kRow; ++j) row[j] = V::Load(target + j * V::kLanes);
      for (int m = 0; m < kChannels; ++m) {
        const Register value = V::Broadcast(source[m]);
        for (int j = 0; j < kRow; ++j) sums[m][j] = V::MultiplyAdd(value, row[j], sums[m][j]);
      }
    }
  }
  for (int m = 0; m < kChannels; ++m) {
    for (int j = 0; j < kRow; ++j) V::Store(to + m * filters + j * V::kLanes, sums[m][j]);
  }
}

template <class V>
void AddToWeightGradient(const WeightGradient<typename V::Scalar>& arguments,
                         const PositionBlock& block, bool add, typename V::Scalar* gradient) {
  ForEachChannelBlock<V>(arguments.filters, [&](int64_t filter, auto row) {
    constexpr int kFit = V::kSums / row;
    constexpr int kMost = kFit < 12 ? kFit : 12;
    ForEachPart<V>(arguments.channels, kMost, [&](int64_t channel, int64_t count) {
      WithConstant<V, kMost>(count, [&](auto channels) {
        AddToWeightGradientTile<V, channels, row>(arguments, block, channel, filter, add, gradient);
      });
    });
  });
}

template <class V>
void ComputeWeightGradient(const WeightGradient<typename V::Scalar>& arguments) {
  for (int64_t tap = 0; tap < arguments.num_taps; ++tap) {
    typename V::Scalar* const gradient =
        arguments.gradient + tap * arguments.channels * arguments.filters;
    const PositionList& list = arguments.taps[tap];
    PositionBlock block;
    block.size = 0;
    bool add = arguments.add;
    const auto flush = [&] {
      AddToWeightGradient<V>(arguments, block, add, gradient);
      add = true;
      block.size = 0;
    };
    for (int64_t image = 0; image < arguments.images; ++image) {
      for (int64_t i = 0; i < list.num_positions; ++i) {
        if (block.size == PositionBlock::kMost) flush();
        const Position& position = list.positions[i];
        block.sources[block.size] =
            (image * arguments.source_pixels + position.source) * arguments.source_stride;
        block.targets[block.size] =
            (image * arguments.target_pixels + position.target) * arguments.filters;
        ++block.size;
      }
    }
    flush();
  }
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_WEIGHT_GRADIENT_KERNEL_H_
