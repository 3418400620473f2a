#include "benchmarks/control_plane/alarm_clock.h"

#include <utility>

#include "absl/time/clock.h"

namespace outerloop::control_plane {

AlarmClock::AlarmClock() : thread_([this] { Run(); }) {}

AlarmClock::~AlarmClock() { Stop(); }

void AlarmClock::At(absl::Time time, Callback callback) {
  absl::MutexLock lock(&mu_);
  if (!stopping_) alarms_.emplace(time, std::move(callback));
}

void AlarmClock::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    alarms_.clear();
  }
  if (thread_.joinable()) thread_.join();
}

void AlarmClock::Run() {
  while (const Callback callback = Next()) callback();
}

bool AlarmClock::MustLook(absl::Time until) const {
  return stopping_ || (!alarms_.empty() && alarms_.begin()->first < until);
}

AlarmClock::Callback AlarmClock::Next() {
  absl::MutexLock lock(&mu_);
  while (true) {
    if (stopping_) return nullptr;
    const absl::Time until = alarms_.empty() ? absl::InfiniteFuture() : alarms_.begin()->first;
    if (until <= absl::Now()) return std::move(alarms_.extract(alarms_.begin()).mapped());
    // An earlier alarm than the one that is waited for may come.
    const auto must_look = [this, until]()
                               ABSL_SHARED_LOCKS_REQUIRED(mu_) { return MustLook(until); };
    mu_.AwaitWithDeadline(absl::Condition(&must_look), until);
  }
}

}  // namespace outerloop::control_plane
