#include "benchmarks/control_plane/latencies.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace outerloop::control_plane {

void Latencies::Add(absl::Duration sample) {
  absl::MutexLock lock(&mu_);
  seconds_.push_back(absl::ToDoubleSeconds(sample));
}

LatencySummary Latencies::Take() {
  std::vector<double> seconds;
  {
    absl::MutexLock lock(&mu_);
    seconds = std::exchange(seconds_, {});
  }
  if (seconds.empty()) return {};
  std::sort(seconds.begin(), seconds.end());
  const auto quantile = [&seconds](double q) {
    const double rank = std::ceil(q * static_cast<double>(seconds.size()));
    return absl::Seconds(seconds[static_cast<size_t>(rank) - 1]);
  };
  return {seconds.size(), quantile(0.5), quantile(0.99), quantile(1.0)};
}

}  // namespace outerloop::control_plane
