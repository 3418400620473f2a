#include "coordinator/service/session_pulse.h"

namespace outerloop::coordinator {
namespace {

constexpr uint64_t kSlices = 10;

}  // namespace

SessionPulse::SessionPulse(SessionRegistry& sessions, absl::Duration period)
    : sessions_(sessions), period_(period), thread_([this] { Run(); }) {}

SessionPulse::~SessionPulse() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void SessionPulse::Run() {
  for (uint64_t slice = 0;; slice = (slice + 1) % kSlices) {
    {
      absl::MutexLock lock(&mu_);
      if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), period_ / kSlices)) return;
    }
    sessions_.Beat(slice, kSlices);
  }
}

}  // namespace outerloop::coordinator
