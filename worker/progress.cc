#include "worker/progress.h"

namespace outerloop::worker {

void Progress::Enter(Phase phase, uint64_t step) {
  {
    absl::MutexLock lock(&mu_);
    ++count_;
    phase_ = phase;
    step_ = step;
  }
  if (observer_) observer_(phase, step);
}

void Progress::Tick() {
  absl::MutexLock lock(&mu_);
  ++count_;
}

v1::Heartbeat Progress::Snapshot() const {
  absl::MutexLock lock(&mu_);
  v1::Heartbeat heartbeat;
  heartbeat.set_progress(count_);
  heartbeat.set_phase(phase_);
  heartbeat.set_step(step_);
  return heartbeat;
}

}  // namespace outerloop::worker
