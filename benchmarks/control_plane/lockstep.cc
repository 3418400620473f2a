#include "benchmarks/control_plane/lockstep.h"

namespace outerloop::control_plane {

Lockstep::Lockstep(uint32_t size, uint64_t start, uint64_t window)
    : size_(size), start_(start), window_(window), finished_(start) {}

bool Lockstep::NextIsPlanned() const {
  const auto next = plans_.find(finished_ + 1);
  return next != plans_.end() && next->second == size_;
}

bool Lockstep::AddPlan(uint64_t step) {
  ++plans_[step];
  return step == finished_ + 1 && NextIsPlanned();
}

bool Lockstep::Finish(absl::Time now) {
  plans_.erase(++finished_);
  finish_time_[finished_] = now;
  if (finish_time_.size() > window_) finish_time_.erase(finish_time_.begin());
  return NextIsPlanned();
}

std::optional<absl::Time> Lockstep::DueSince(uint64_t step) const {
  if (step <= start_ + window_) return std::nullopt;
  const auto due = finish_time_.find(step - window_);
  return due == finish_time_.end() ? absl::InfiniteFuture() : due->second;
}

}  // namespace outerloop::control_plane
