// Comparisons that tell nothing by how long they take.
#ifndef OUTERLOOP_COMMON_CONSTANT_TIME_H_
#define OUTERLOOP_COMMON_CONSTANT_TIME_H_

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace outerloop {

// Takes as long whether the two are equal, and wherever they differ.
template <size_t N>
bool EqualInConstantTime(const std::array<uint8_t, N>& a, const std::array<uint8_t, N>& b) {
  return CRYPTO_memcmp(a.data(), b.data(), N) == 0;
}

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_CONSTANT_TIME_H_
