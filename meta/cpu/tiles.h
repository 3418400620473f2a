// How loops are cut into tiles that fit the registers. For files compiled for one instruction set.
#ifndef OUTERLOOP_META_CPU_TILES_H_
#define OUTERLOOP_META_CPU_TILES_H_

#include <cstdint>
#include <type_traits>

namespace outerloop::meta::cpu {

// Calls body(integral_constant<int, count>) for a `count` of 1 to kMost.
template <class V, int kMost, class Body>
[[gnu::always_inline]] inline void WithConstant(int64_t count, const Body& body) {
  if constexpr (kMost > 1) {
    if (count < kMost) return WithConstant<V, kMost - 1>(count, body);
  }
  body(std::integral_constant<int, kMost>());
}

// Cuts 0 .. size - 1 into the fewest parts of at most `most`, as equal as can be (7 by 6 is 4 + 3,
// not 6 + 1: a part of one leaves most registers idle). Calls body(first, count).
template <class V, class Body>
[[gnu::always_inline]] inline void ForEachPart(int64_t size, int64_t most, const Body& body) {
  const int64_t parts = (size + most - 1) / most;
  int64_t first = 0;
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t count = size / parts + (part < size % parts ? 1 : 0);
    body(first, count);
    first += count;
  }
}

// Calls body(first channel, integral_constant<int, registers>) for each block of channels that a
// row of registers holds: kWidestRow registers while there are so many, then one at a time.
template <class V, class Body>
[[gnu::always_inline]] inline void ForEachChannelBlock(int64_t channels, const Body& body) {
  constexpr int kHalfRow = V::kWidestRow / 2;
  int64_t channel = 0;
  for (; channels - channel >= V::kWidestRow * V::kLanes; channel += V::kWidestRow * V::kLanes) {
    body(channel, std::integral_constant<int, V::kWidestRow>());
  }
  for (; channels - channel >= kHalfRow * V::kLanes; channel += kHalfRow * V::kLanes) {
    body(channel, std::integral_constant<int, kHalfRow>());
  }
  if constexpr (kHalfRow > 1) {
    for (; channel < channels; channel += V::kLanes) {
      body(channel, std::integral_constant<int, 1>());
    }
  }
}

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_TILES_H_
