// A network's parameters in the order in which kernels read them.
#ifndef OUTERLOOP_META_CPU_PARAMETER_PACKING_H_
#define OUTERLOOP_META_CPU_PARAMETER_PACKING_H_

#include <cstdint>
#include <vector>

#include "meta/cpu/buffer.h"
#include "meta/cpu/kernels.h"
#include "meta/parameters.h"

namespace outerloop::meta::cpu {

// Values, a direction or gradients. Fixed size; the parts are views of one buffer.
template <typename S>
struct PackedParameters {
  struct Block {
    S* weight;      // [9, channels, filters]
    S* transposed;  // [9, filters, channels]: what takes gradients back to inputs.
    S* scale;       // [filters]
    S* shift;       // [filters]
  };

  std::vector<Block> blocks;
  S* linear_weight;      // [features, padded ways]: features in the order of channels-last images.
  S* linear_transposed;  // [ways, features]
  S* linear_bias;        // [padded ways]
  Buffer<S> buffer;
};

// The shapes that decide the order.
struct NetworkShape {
  int64_t channels = 1;      // Of the images.
  int64_t filters = 64;      // Of each block.
  int64_t blocks = 4;        //
  int64_t pixels = 4;        // Of the last block's outputs.
  int64_t ways = 5;          // Of the classifier; 0 for none, whose parameters take no room.
  int64_t padded_ways = 16;  // Ways rounded up to whole registers; the padding is 0.

  int64_t channels_of(int64_t block) const { return block == 0 ? channels : filters; }
  int64_t features() const { return filters * pixels; }
};

// Between flat buffers in name order, as ParameterLayout has them, and packed ones. Immutable;
// thread-safe. A network of the paper takes some 10 microseconds either way.
template <typename S>
class ParameterPacking {
 public:
  // `layout` is of block1 .. blockN, each with conv.weight, norm.scale and norm.shift, and, unless
  // there are no ways, linear.
  ParameterPacking(const NetworkShape& shape, const ParameterLayout& layout,
                   const Kernels<S>& kernels);

  // Memory for all parts. Without `transposed`, as gradients need none, those are null.
  PackedParameters<S> Allocate(bool transposed) const;

  // `flat` [P]. Fills all that `packed` has.
  void Pack(const S* flat, const PackedParameters<S>& packed) const;
  // The inverse; leaves transposed parts out of account.
  void Unpack(const PackedParameters<S>& packed, S* flat) const;

 private:
  using RowOffsets = std::vector<int32_t>;

  struct BlockTables {
    int64_t weight_offset, scale_offset, shift_offset;  // In the flat buffer.
    RowOffsets flat_rows;                               // Of a filter: [filters].
    RowOffsets packed_rows;  // Of (channel, tap), the order within a flat row: [channels * 9].
    RowOffsets tap_rows;     // Of a channel within a packed tap: [channels].
    RowOffsets transposed_tap_rows;  // Of a filter within a transposed tap: [filters].
  };

  void TransposeTaps(const typename PackedParameters<S>::Block& block,
                     const BlockTables& tables) const;
  void Run(const RowOffsets& from_rows, const S* from, const RowOffsets& to_rows, S* to) const;

  const NetworkShape shape_;
  const Kernels<S>& kernels_;
  std::vector<BlockTables> blocks_;
  int64_t linear_weight_offset_;
  int64_t linear_bias_offset_;
  RowOffsets linear_flat_rows_;    // Of a way: [ways].
  RowOffsets linear_packed_rows_;  // Of (channel, pixel), the order within a flat row: [features].
  RowOffsets linear_rows_;         // Of a feature: [features].
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_PARAMETER_PACKING_H_
