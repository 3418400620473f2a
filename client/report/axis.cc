#include "client/report/axis.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace outerloop::client {
namespace {

// The least of 1, 2 and 5 times a power of ten that is not below `least` > 0.
double RoundUp(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1, 2, 5}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

// Those of `factors` times a power of ten that lie between.
std::vector<double> MultiplesBetween(double low, double high, const std::vector<double>& factors) {
  std::vector<double> values;
  for (double power = std::floor(std::log10(low)); power <= std::log10(high); ++power) {
    for (const double factor : factors) {
      const double value = factor * std::pow(10, power);
      if (value >= low && value <= high) values.push_back(value);
    }
  }
  return values;
}

// Commas between groups of three digits.
std::string Grouped(std::string digits) {
  const size_t sign = digits.starts_with("-") ? 1 : 0;
  for (size_t left = digits.size(); left > sign + 3; left -= 3) digits.insert(left - 3, ",");
  return digits;
}

}  // namespace

Axis::Axis(double low, double high, double from, double to)
    : low_(low), high_(high), from_(from), to_(to) {
  if (high_ > low_) return;
  const double spread = std::max(std::abs(low), 1.0) / 10;
  low_ -= spread;
  high_ += spread;
}

double Axis::Position(double value) const {
  return from_ + (value - low_) / (high_ - low_) * (to_ - from_);
}

std::vector<double> Axis::Ticks(int most) const {
  const double distance = RoundUp((high_ - low_) / (most - 1));
  std::vector<double> ticks;
  const double last = std::floor(high_ / distance + 1e-9);
  for (double i = std::ceil(low_ / distance - 1e-9); i <= last; ++i) {
    ticks.push_back(i * distance + 0.0);  // Not -0.
  }
  return ticks;
}

std::vector<double> LogarithmicTicks(double low, double high, size_t most) {
  const std::vector<double> fine = MultiplesBetween(low, high, {1, 2, 5});
  return fine.size() <= most ? fine : MultiplesBetween(low, high, {1});
}

std::string TickLabel(double value, bool percent) {
  if (percent) return absl::StrFormat("%.6g %%", 100 * value);
  if (std::abs(value) >= 1000) return Grouped(absl::StrFormat("%.0f", value));
  return absl::StrFormat("%.6g", value);
}

}  // namespace outerloop::client
