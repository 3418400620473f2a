#include "coordinator/service/session_pulse.h"

namespace outerloop::coordinator {

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
  while (true) {
    {
      absl::MutexLock lock(&mu_);
      if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), period_)) return;
    }
    sessions_.BeatAll();
  }
}

}  // namespace outerloop::coordinator
