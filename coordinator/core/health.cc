#include "coordinator/core/health.h"

namespace outerloop::coordinator {

void Health::Beat(const HeartbeatReceived& heartbeat, absl::Time now) {
  heard_ = now;
  const bool moved = heartbeat.phase != phase_ || heartbeat.step != step_;
  if (moved) phase_since_ = now;
  if (moved || heartbeat.progress != progress_) progressed_ = now;
  progress_ = heartbeat.progress;
  phase_ = heartbeat.phase;
  step_ = heartbeat.step;
}

void Health::Report(absl::Time now) {
  heard_ = now;
  progressed_ = now;
}

void Health::Excuse(absl::Time now) {
  heard_ = now;
  progressed_ = now;
  phase_since_ = now;
}

}  // namespace outerloop::coordinator
