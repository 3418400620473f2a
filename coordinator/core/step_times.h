// How long a job's steps take.
#ifndef OUTERLOOP_COORDINATOR_CORE_STEP_TIMES_H_
#define OUTERLOOP_COORDINATOR_CORE_STEP_TIMES_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/time/time.h"

namespace outerloop::coordinator {

// Of the latest steps. Thread-compatible.
class StepTimes {
 public:
  void Add(double seconds) {
    if (!(seconds >= 0)) return;
    mean_ += (latest_.empty() ? 1.0 : kWeight) * (seconds - mean_);
    if (latest_.size() < kKept) latest_.push_back(0);
    latest_[next_] = seconds;
    next_ = (next_ + 1) % kKept;
  }

  // Smoothed; 0 if none is known.
  double mean_seconds() const { return mean_; }

  // Zero if none is known.
  absl::Duration median() const {
    if (latest_.empty()) return absl::ZeroDuration();
    std::vector<double> values = latest_;
    const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return absl::Seconds(*middle);
  }

 private:
  static constexpr double kWeight = 0.1;  // Of a step in the mean.
  static constexpr size_t kKept = 15;

  double mean_ = 0;
  std::vector<double> latest_;  // A ring, once it is full.
  size_t next_ = 0;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_STEP_TIMES_H_
