// Transposition of square tiles in registers.
//
// With L lanes, and rows 0 .. L-1 of a tile in registers, interleaving row i with row i + L/2 (low
// halves to row 2i, high halves to row 2i + 1) rotates the bits of (row, lane) by one place. After
// log2(L) rounds row and lane have changed places.
#ifndef OUTERLOOP_META_CPU_TRANSPOSE_KERNEL_H_
#define OUTERLOOP_META_CPU_TRANSPOSE_KERNEL_H_

#include <cstdint>

#include "meta/cpu/kernels.h"

namespace outerloop::meta::cpu {

// rows[] holds one matrix before, and its transpose after.
template <class V>
[[gnu::always_inline]] inline void TransposeTile(typename V::Register (&rows)[V::kLanes]) {
  constexpr int kHalf = V::kLanes / 2;
  for (int round = 1; round < V::kLanes; round *= 2) {
    typename V::Register next[V::kLanes];
    for (int i = 0; i < kHalf; ++i) {
      next[2 * i] = V::InterleaveLow(rows[i], rows[i + kHalf]);
      next[2 * i + 1] = V::InterleaveHigh(rows[i], rows[i + kHalf]);
    }
    for (int i = 0; i < V::kLanes; ++i) rows[i] = next[i];
  }
}

// Value by value: for what is left over at the edges.
template <class V>
void TransposePart(const Transpose<typename V::Scalar>& arguments, int64_t first_row,
                   int64_t last_row, int64_t first_column, int64_t last_column) {
  for (int64_t i = first_row; i < last_row; ++i) {
    const typename V::Scalar* const from = arguments.from + arguments.from_rows[i];
    for (int64_t j = first_column; j < last_column; ++j) {
      arguments.to[arguments.to_rows[j] + i] = from[j];
    }
  }
}

template <class V>
void TransposeMatrix(const Transpose<typename V::Scalar>& arguments) {
  constexpr int kLanes = V::kLanes;
  const int64_t whole_rows = arguments.rows / kLanes * kLanes;
  const int64_t whole_columns = arguments.columns / kLanes * kLanes;
  for (int64_t i = 0; i < whole_rows; i += kLanes) {
    for (int64_t j = 0; j < whole_columns; j += kLanes) {
      typename V::Register rows[kLanes];
      for (int k = 0; k < kLanes; ++k) {
        rows[k] = V::Load(arguments.from + arguments.from_rows[i + k] + j);
      }
      TransposeTile<V>(rows);
      for (int k = 0; k < kLanes; ++k) {
        V::Store(arguments.to + arguments.to_rows[j + k] + i, rows[k]);
      }
    }
  }
  TransposePart<V>(arguments, 0, whole_rows, whole_columns, arguments.columns);
  TransposePart<V>(arguments, whole_rows, arguments.rows, 0, arguments.columns);
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_TRANSPOSE_KERNEL_H_
