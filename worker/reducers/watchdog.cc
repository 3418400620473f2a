#include "worker/reducers/watchdog.h"

#include <utility>

#include "absl/time/clock.h"

namespace outerloop::worker {

Watchdog::Watchdog(std::function<void()> bark)
    : bark_(std::move(bark)), thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void Watchdog::Set(absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  deadline_ = deadline;
}

void Watchdog::Run() {
  absl::MutexLock lock(&mu_);
  while (!stopping_) {
    sleeps_until_ = deadline_;
    mu_.AwaitWithDeadline(absl::Condition(this, &Watchdog::MustWake), sleeps_until_);
    if (stopping_ || absl::Now() < deadline_) continue;
    deadline_ = absl::InfiniteFuture();
    mu_.Unlock();
    bark_();
    mu_.Lock();
  }
}

}  // namespace outerloop::worker
