// A CPU's vector registers, as kernels see them.
//
// Included only by files that are compiled for one instruction set (see kernels.h): everything here
// is a template over the width, so no two instruction sets share a function.
#ifndef OUTERLOOP_META_CPU_VECTOR_H_
#define OUTERLOOP_META_CPU_VECTOR_H_

#include <immintrin.h>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace outerloop::meta::cpu {

// kBytes of S, float or double: 64 with AVX-512, 32 with AVX2 and FMA. A Register has the
// compiler's operators +, -, *, / and, for masks, > with ?:.
template <typename S, int kBytes>
struct Vector {
  using Scalar = S;
  typedef S Register __attribute__((vector_size(kBytes)));
  static constexpr int kLanes = kBytes / sizeof(S);
  // How many of them kernels should keep sums in, and how many side by side in a row: with those
  // that hold operands, all registers of the instruction set (32 or 16) are taken.
  static constexpr int kSums = kBytes == 64 ? 24 : 12;
  static constexpr int kWidestRow = kBytes == 64 ? 4 : 2;

  // `values` need no alignment; kernels are faster if they are aligned to kBytes.
  [[gnu::always_inline]] static Register Load(const S* values) {
    return *reinterpret_cast<const Unaligned*>(values);
  }
  [[gnu::always_inline]] static void Store(S* values, Register from) {
    *reinterpret_cast<Unaligned*>(values) = from;
  }
  // (value - 0 is value, and compiled to nothing; value + 0 would not be for -0.)
  [[gnu::always_inline]] static Register Broadcast(S value) { return value - Register{}; }

  // a b + c, rounded once. Said explicitly, so that the bits do not depend on what a compiler
  // fuses.
  [[gnu::always_inline]] static Register MultiplyAdd(Register a, Register b, Register c) {
    if constexpr (kBytes == 64 && std::is_same_v<S, float>) {
      return _mm512_fmadd_ps(a, b, c);
    } else if constexpr (kBytes == 64) {
      return _mm512_fmadd_pd(a, b, c);
    } else if constexpr (std::is_same_v<S, float>) {
      return _mm256_fmadd_ps(a, b, c);
    } else {
      return _mm256_fmadd_pd(a, b, c);
    }
  }
  // c - a b, rounded once.
  [[gnu::always_inline]] static Register MultiplySubtract(Register a, Register b, Register c) {
    return MultiplyAdd(-a, b, c);
  }

  // a0 b0 a1 b1 .. of the first half of the lanes, and of the second.
  [[gnu::always_inline]] static Register InterleaveLow(Register a, Register b) {
    return Interleave<0>(a, b, std::make_integer_sequence<int, kLanes>());
  }
  [[gnu::always_inline]] static Register InterleaveHigh(Register a, Register b) {
    return Interleave<kLanes / 2>(a, b, std::make_integer_sequence<int, kLanes>());
  }

 private:
  typedef S Unaligned __attribute__((vector_size(kBytes), aligned(sizeof(S))));

  template <int kFirst, int... kLane>
  [[gnu::always_inline]] static Register Interleave(Register a, Register b,
                                                    std::integer_sequence<int, kLane...>) {
    return __builtin_shufflevector(a, b, (kFirst + kLane / 2 + kLane % 2 * kLanes)...);
  }
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_VECTOR_H_
