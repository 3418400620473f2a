#include "coordinator/security/line_budget.h"

#include <algorithm>
#include <utility>

namespace outerloop::coordinator {

std::optional<uint64_t> LineBudget::Take(absl::Time now) {
  absl::MutexLock lock(&mu_);
  if (now >= refilled_ + static_cast<int64_t>(burst_) * period_) {
    left_ = burst_;
    refilled_ = now;
  }
  while (left_ < burst_ && now >= refilled_ + period_) {
    ++left_;
    refilled_ += period_;
  }
  if (left_ == burst_) refilled_ = std::max(refilled_, now);  // A full bucket gathers nothing.
  if (left_ == 0) {
    ++left_out_;
    return std::nullopt;
  }
  --left_;
  return std::exchange(left_out_, 0);
}

}  // namespace outerloop::coordinator
