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

// Rounds a double of magnitude below kSmall to the nearest integer, ties to even: added to
// 1.5 x 2^52 it loses its fraction, and the integer stands in the low bits of the sum. A quarter of
// the time of std::nearbyint, which is a call where SSE4.1 may not be used.
constexpr double kSmall = 0x1p51;

int64_t RoundSmall(double value) {
  constexpr double kShift = 0x1.8p52;
  return std::bit_cast<int64_t>(value + kShift) - std::bit_cast<int64_t>(kShift);
}

}  // namespace

ExactSum::ExactSum(size_t size, int bits, uint64_t max_terms)
    : scale_(std::ldexp(1.0, bits)), limit_(LargestTerm(max_terms)), words_(size + 2) {}

void ExactSum::Clear() { std::fill(words_.begin(), words_.end(), 0); }

void ExactSum::Add(size_t first, std::span<const float> values) {
  const double scale = scale_;
  const double small = std::min(kSmall, limit_);
  int64_t* const words = words_.data() + first;
  for (size_t i = 0; i < values.size(); ++i) {
    const double scaled = values[i] * scale;
    if (std::abs(scaled) < small) {
      words[i] += RoundSmall(scaled);
    } else {  // Large, or NaN.
      AddOne(words[i], values[i]);
    }
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
  return static_cast<double>(words_[i]) / scale_ * factor;
}

void ExactSum::Get(size_t first, double factor, std::span<float> out) const {
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(Get(first + i, factor));
}

}  // namespace outerloop
