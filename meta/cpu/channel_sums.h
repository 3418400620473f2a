// Sums over the rows of channels-last images. For files compiled for one instruction set.
#ifndef OUTERLOOP_META_CPU_CHANNEL_SUMS_H_
#define OUTERLOOP_META_CPU_CHANNEL_SUMS_H_

#include <cstdint>

namespace outerloop::meta::cpu {

// Two sums for each channel of a block of kRow registers.
template <class V, int kRow>
struct ChannelSums {
  using Register = typename V::Register;

  Register first[kRow];
  Register second[kRow];

  [[gnu::always_inline]] void SetZero() {
    for (int j = 0; j < kRow; ++j) first[j] = second[j] = Register{};
  }
  [[gnu::always_inline]] void Add(const ChannelSums& other) {
    for (int j = 0; j < kRow; ++j) {
      first[j] += other.first[j];
      second[j] += other.second[j];
    }
  }
};

// Rows are summed by 64, and these sums summed: the rounding error grows with the square root of
// rows / 64 + 64 instead of that of the rows.
inline constexpr int64_t kRowsSummedTogether = 64;

// Calls add(offset of the row's register j, j, sums) for all rows, j < kRow. `row_size` is the
// number of values between rows.
template <class V, int kRow, class Add>
[[gnu::always_inline]] inline ChannelSums<V, kRow> SumOverRows(int64_t rows, int64_t row_size,
                                                               const Add& add) {
  ChannelSums<V, kRow> total;
  total.SetZero();
  for (int64_t first = 0; first < rows; first += kRowsSummedTogether) {
    const int64_t rest = rows - first;
    const int64_t last = first + (rest < kRowsSummedTogether ? rest : kRowsSummedTogether);
    ChannelSums<V, kRow> sums;
    sums.SetZero();
    for (int64_t row = first; row < last; ++row) {
      for (int j = 0; j < kRow; ++j) add(row * row_size + j * V::kLanes, j, sums);
    }
    total.Add(sums);
  }
  return total;
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_CHANNEL_SUMS_H_
