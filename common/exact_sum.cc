#include "common/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

namespace outerloop {
namespace {

// The largest double that is an integer and, taken `max_terms` times, fits an int64_t.
double LargestTerm(uint64_t max_terms) {
  const uint64_t exact =
      uint64_t{std::numeric_limits<int64_t>::max()} / std::max<uint64_t>(max_terms, 1);
  const double rounded = static_cast<double>(exact);
  return static_cast<uint64_t>(rounded) > exact ? std::nextafter(rounded, 0.0) : rounded;
}

// Values are taken in blocks, and a block without a large one goes through a loop that has no
// branch and calls nothing, so that compilers turn it into vector code.
constexpr size_t kBlock = 512;

// Added to kShift = 1.5 x 2^52, a double of magnitude below kSmall loses its fraction, rounded to
// nearest with ties to even, and the integer stands in the low bits of the sum. It works both ways.
constexpr double kSmall = 0x1p51;
constexpr double kShift = 0x1.8p52;

int64_t RoundSmall(double value) {
  return std::bit_cast<int64_t>(value + kShift) - std::bit_cast<int64_t>(kShift);
}

double SmallToDouble(int64_t word) {
  return std::bit_cast<double>(word + std::bit_cast<int64_t>(kShift)) - kShift;
}

// The largest magnitude; NaN is larger than any number.
float LargestMagnitude(std::span<const float> values) {
  int32_t largest = 0;  // Floats without a sign are in the order of their bits.
  for (const float value : values) {
    largest = std::max(largest, std::bit_cast<int32_t>(value) & 0x7fffffff);
  }
  return std::bit_cast<float>(largest);
}

// Whether SmallToDouble holds for all: -kSmall <= word < kSmall.
bool AreSmall(std::span<const int64_t> words) {
  constexpr uint64_t kOffset = uint64_t{1} << 51;
  uint64_t beyond = 0;
  for (const int64_t word : words) beyond |= (static_cast<uint64_t>(word) + kOffset) >> 52;
  return beyond == 0;
}

}  // namespace

ExactSum::ExactSum(size_t size, int bits, uint64_t max_terms)
    : scale_(std::ldexp(1.0, bits)),
      resolution_(std::ldexp(1.0, -bits)),
      limit_(LargestTerm(max_terms)),
      words_(size + 2) {}

void ExactSum::Clear() { std::fill(words_.begin(), words_.end(), 0); }

void ExactSum::Add(size_t first, std::span<const float> values) {
  for (; !values.empty(); first += kBlock) {
    const auto block = values.first(std::min(kBlock, values.size()));
    AddBlock(words_.data() + first, block);
    values = values.subspan(block.size());
  }
}

void ExactSum::AddBlock(int64_t* words, std::span<const float> values) {
  const double scale = scale_;
  if (LargestMagnitude(values) * scale < std::min(kSmall, limit_)) {
    for (size_t i = 0; i < values.size(); ++i) words[i] += RoundSmall(values[i] * scale);
  } else {  // A large one, or NaN.
    for (size_t i = 0; i < values.size(); ++i) AddOne(words[i], values[i]);
  }
}

void ExactSum::Add(size_t element, double value) { AddOne(words_[element], value); }

void ExactSum::AddOne(int64_t& word, double value) {
  if (!std::isfinite(value)) {
    ++words_[size()];
    return;
  }
  const double rounded = std::nearbyint(value * scale_);
  if (std::abs(rounded) > limit_) {
    ++words_[size() + 1];
    return;
  }
  word += static_cast<int64_t>(rounded);
}

void ExactSum::Merge(const ExactSum& other) {
  std::transform(words_.begin(), words_.end(), other.words_.begin(), words_.begin(), std::plus<>());
}

double ExactSum::Get(size_t i, double factor) const {
  return static_cast<double>(words_[i]) * resolution_ * factor;
}

void ExactSum::Get(size_t first, double factor, std::span<float> out) const {
  for (; !out.empty(); first += kBlock) {
    const auto block = out.first(std::min(kBlock, out.size()));
    GetBlock(first, factor, block);
    out = out.subspan(block.size());
  }
}

void ExactSum::GetBlock(size_t first, double factor, std::span<float> out) const {
  const std::span<const int64_t> words = this->words().subspan(first, out.size());
  const double resolution = resolution_;
  if (AreSmall(words)) {
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<float>(SmallToDouble(words[i]) * resolution * factor);
    }
  } else {
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(Get(first + i, factor));
  }
}

}  // namespace outerloop
