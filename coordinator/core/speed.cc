#include "coordinator/core/speed.h"

#include <algorithm>
#include <cmath>

namespace outerloop::coordinator {
namespace {

// A measurement weighs this much in the running mean.
constexpr double kWeight = 0.2;
// Times are rounded to powers of 2^(1/4): a fifth apart.
constexpr double kStepsPerDoubling = 4;

// Of at least one.
double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double RoundTo(double seconds, double unit) {
  const double steps = std::round(kStepsPerDoubling * std::log2(seconds / unit));
  return unit * std::exp2(steps / kStepsPerDoubling);
}

}  // namespace

void Speed::Measure(const std::string& job_id, uint32_t shards, double seconds) {
  if (shards == 0 || !(seconds > 0) || !std::isfinite(seconds)) return;
  const double measured = seconds / Rounds(shards);
  if (job_id != job_id_ || lane_seconds_ == 0) {
    job_id_ = job_id;
    lane_seconds_ = measured;
  } else {
    lane_seconds_ += kWeight * (measured - lane_seconds_);
  }
  forget_ = absl::InfiniteFuture();
}

void Speed::Lower(const std::string& job_id, uint32_t shards, double seconds, absl::Time now) {
  if (shards == 0) return;
  const double least = seconds / Rounds(shards);
  const std::optional<double> known = lane_seconds(job_id, now);
  job_id_ = job_id;
  lane_seconds_ = std::max(least, known.value_or(0));
  forget_ = now + kLowered;
}

std::optional<double> Speed::lane_seconds(const std::string& job_id, absl::Time now) const {
  if (job_id != job_id_ || lane_seconds_ == 0 || now >= forget_) return std::nullopt;
  return lane_seconds_;
}

std::optional<double> Speed::Promise(const std::string& job_id, uint32_t shards,
                                     absl::Time now) const {
  const std::optional<double> seconds = lane_seconds(job_id, now);
  if (!seconds.has_value()) return std::nullopt;
  return Pace{lanes_, *seconds}.Finish(shards);
}

std::vector<Pace> ToPaces(std::span<const Speed* const> members, const std::string& job_id,
                          absl::Time now) {
  std::vector<double> known;
  for (const Speed* member : members) {
    if (const auto seconds = member->lane_seconds(job_id, now)) known.push_back(*seconds);
  }
  const double median = known.empty() ? 1.0 : Median(known);
  std::vector<Pace> paces;
  for (const Speed* member : members) {
    const double seconds = member->lane_seconds(job_id, now).value_or(median);
    paces.push_back({member->lanes(), RoundTo(seconds, median)});
  }
  return paces;
}

}  // namespace outerloop::coordinator
