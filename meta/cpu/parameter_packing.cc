#include "meta/cpu/parameter_packing.h"

#include <algorithm>
#include <string>

#include "meta/cpu/geometry.h"

namespace outerloop::meta::cpu {
namespace {

// 0, step, 2 step, ..
std::vector<int32_t> Multiples(int64_t step, int64_t count) {
  std::vector<int32_t> offsets;
  for (int64_t i = 0; i < count; ++i) offsets.push_back(static_cast<int32_t>(i * step));
  return offsets;
}

// Rows of `row_size` in the order (inner, outer), by their place in the order (outer, inner).
std::vector<int32_t> Exchanged(int64_t outer, int64_t inner, int64_t row_size) {
  std::vector<int32_t> offsets;
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      offsets.push_back(static_cast<int32_t>((i * outer + o) * row_size));
    }
  }
  return offsets;
}

}  // namespace

template <typename S>
ParameterPacking<S>::ParameterPacking(const NetworkShape& shape, const ParameterLayout& layout,
                                      const Kernels<S>& kernels)
    : shape_(shape),
      kernels_(kernels),
      linear_weight_offset_(shape.ways == 0 ? 0 : layout.at("linear.weight").offset),
      linear_bias_offset_(shape.ways == 0 ? 0 : layout.at("linear.bias").offset),
      linear_flat_rows_(Multiples(shape.features(), shape.ways)),
      linear_packed_rows_(Exchanged(shape.filters, shape.pixels, shape.padded_ways)),
      linear_rows_(Multiples(shape.padded_ways, shape.features())) {
  for (int64_t block = 0; block < shape.blocks; ++block) {
    const std::string name = "block" + std::to_string(block + 1);
    const int64_t channels = shape.channels_of(block), filters = shape.filters;
    blocks_.push_back({.weight_offset = layout.at(name + ".conv.weight").offset,
                       .scale_offset = layout.at(name + ".norm.scale").offset,
                       .shift_offset = layout.at(name + ".norm.shift").offset,
                       .flat_rows = Multiples(channels * kTaps, filters),
                       .packed_rows = Exchanged(channels, kTaps, filters),
                       .tap_rows = Multiples(filters, channels),
                       .transposed_tap_rows = Multiples(channels, filters)});
  }
}

template <typename S>
PackedParameters<S> ParameterPacking<S>::Allocate(bool transposed) const {
  const auto lay_out = [&](PackedParameters<S>& packed, S* base) {
    int64_t used = 0;
    const auto take = [&](int64_t size) {
      S* const part = base == nullptr ? nullptr : base + used;
      used += RoundUp(size, 64 / sizeof(S));
      return part;
    };
    packed.blocks.clear();
    for (int64_t block = 0; block < shape_.blocks; ++block) {
      const int64_t size = kTaps * shape_.channels_of(block) * shape_.filters;
      const bool both = transposed && block > 0;
      packed.blocks.push_back({.weight = take(size),
                               .transposed = both ? take(size) : nullptr,
                               .scale = take(shape_.filters),
                               .shift = take(shape_.filters)});
    }
    packed.linear_weight = take(shape_.features() * shape_.padded_ways);
    packed.linear_transposed = transposed ? take(shape_.features() * shape_.ways) : nullptr;
    packed.linear_bias = take(shape_.padded_ways);
    return used;
  };
  PackedParameters<S> packed;
  packed.buffer = Buffer<S>(lay_out(packed, nullptr));
  lay_out(packed, packed.buffer.data());
  return packed;
}

template <typename S>
void ParameterPacking<S>::Pack(const S* flat, const PackedParameters<S>& packed) const {
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const BlockTables& tables = blocks_[i];
    const auto& block = packed.blocks[i];
    Run(tables.flat_rows, flat + tables.weight_offset, tables.packed_rows, block.weight);
    std::copy_n(flat + tables.scale_offset, shape_.filters, block.scale);
    std::copy_n(flat + tables.shift_offset, shape_.filters, block.shift);
    if (block.transposed != nullptr) TransposeTaps(block, tables);
  }
  std::fill_n(packed.linear_weight, shape_.features() * shape_.padded_ways, S{0});
  std::fill_n(packed.linear_bias, shape_.padded_ways, S{0});
  Run(linear_flat_rows_, flat + linear_weight_offset_, linear_packed_rows_, packed.linear_weight);
  std::copy_n(flat + linear_bias_offset_, shape_.ways, packed.linear_bias);
  if (packed.linear_transposed != nullptr) {
    Run(linear_rows_, packed.linear_weight, linear_flat_rows_, packed.linear_transposed);
  }
}

template <typename S>
void ParameterPacking<S>::Unpack(const PackedParameters<S>& packed, S* flat) const {
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const BlockTables& tables = blocks_[i];
    const auto& block = packed.blocks[i];
    Run(tables.packed_rows, block.weight, tables.flat_rows, flat + tables.weight_offset);
    std::copy_n(block.scale, shape_.filters, flat + tables.scale_offset);
    std::copy_n(block.shift, shape_.filters, flat + tables.shift_offset);
  }
  Run(linear_packed_rows_, packed.linear_weight, linear_flat_rows_, flat + linear_weight_offset_);
  std::copy_n(packed.linear_bias, shape_.ways, flat + linear_bias_offset_);
}

template <typename S>
void ParameterPacking<S>::TransposeTaps(const typename PackedParameters<S>::Block& block,
                                        const BlockTables& tables) const {
  const int64_t tap_size =
      static_cast<int64_t>(tables.tap_rows.size() * tables.transposed_tap_rows.size());
  for (int64_t tap = 0; tap < kTaps; ++tap) {
    Run(tables.tap_rows, block.weight + tap * tap_size, tables.transposed_tap_rows,
        block.transposed + tap * tap_size);
  }
}

template <typename S>
void ParameterPacking<S>::Run(const RowOffsets& from_rows, const S* from, const RowOffsets& to_rows,
                              S* to) const {
  kernels_.transpose({.rows = static_cast<int64_t>(from_rows.size()),
                      .columns = static_cast<int64_t>(to_rows.size()),
                      .from = from,
                      .from_rows = from_rows.data(),
                      .to = to,
                      .to_rows = to_rows.data()});
}

template class ParameterPacking<float>;
template class ParameterPacking<double>;

}  // namespace outerloop::meta::cpu
