#include "common/philox.h"

namespace outerloop {
namespace {

using Counter = std::array<uint32_t, 4>;
using Key = std::array<uint32_t, 2>;

// The multipliers and Weyl increments of the paper, section 4.3.
constexpr uint32_t kMultiplier0 = 0xD2511F53;
constexpr uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9;  // Golden ratio.
constexpr uint32_t kWeyl1 = 0xBB67AE85;  // sqrt(3) - 1.
constexpr int kRounds = 10;

Counter Round(const Counter& c, const Key& key) {
  const uint64_t product0 = uint64_t{kMultiplier0} * c[0];
  const uint64_t product1 = uint64_t{kMultiplier1} * c[2];
  const auto high = [](uint64_t product) { return static_cast<uint32_t>(product >> 32); };
  const auto low = [](uint64_t product) { return static_cast<uint32_t>(product); };
  return {high(product1) ^ c[1] ^ key[0], low(product1), high(product0) ^ c[3] ^ key[1],
          low(product0)};
}

Key DeriveKey(uint64_t seed, RandomPurpose purpose) {
  const Counter derived =
      Philox4x32({static_cast<uint32_t>(purpose), 0, 0, 0},
                 {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  return {derived[0], derived[1]};
}

}  // namespace

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    counter = Round(counter, key);
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

RandomStream::RandomStream(uint64_t seed, RandomPurpose purpose, uint64_t step, uint32_t task)
    : key_(DeriveKey(seed, purpose)),
      counter_{0, task, static_cast<uint32_t>(step), static_cast<uint32_t>(step >> 32)} {}

uint32_t RandomStream::Next() {
  if (used_ == 4) {
    block_ = Philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

uint32_t RandomStream::Below(uint32_t n) {
  uint64_t product = uint64_t{Next()} * n;
  if (static_cast<uint32_t>(product) < n) {
    // 2^32 mod n: so many of the low words would make some results likelier than others.
    const uint32_t rejected = (0u - n) % n;
    while (static_cast<uint32_t>(product) < rejected) product = uint64_t{Next()} * n;
  }
  return static_cast<uint32_t>(product >> 32);
}

double RandomStream::Uniform() {
  const uint64_t high = Next() >> 5;  // 27 bits
  const uint64_t low = Next() >> 6;   // 26 bits
  return static_cast<double>(high << 26 | low) * 0x1p-53;
}

double RandomStream::Uniform(double low, double high) { return low + (high - low) * Uniform(); }

}  // namespace outerloop
