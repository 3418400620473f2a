// What was last heard of a worker.
#ifndef OUTERLOOP_COORDINATOR_CORE_HEALTH_H_
#define OUTERLOOP_COORDINATOR_CORE_HEALTH_H_

#include <cstdint>

#include "absl/time/time.h"
#include "coordinator/core/event.h"

namespace outerloop::coordinator {

// Two clocks of one session: how long nothing has come from it, and how long it has got nothing
// done. A worker that is dead stops both; one that is alive and stuck stops the second only.
// Thread-compatible.
class Health {
 public:
  // `now`: when it connected.
  explicit Health(absl::Time now) : heard_(now), progressed_(now), phase_since_(now) {}

  // A heartbeat has come. It shows progress if its counter, phase or step has changed.
  void Beat(const HeartbeatReceived& heartbeat, absl::Time now);
  // Something else has come, which shows progress.
  void Report(absl::Time now);
  // It has been asked for something else: what it gets done is counted from now on.
  void Ask(absl::Time now) { progressed_ = now; }
  // Nobody listened for a while, so that nothing said until `now` can be held against the worker.
  void Excuse(absl::Time now);

  // Since when nothing has come.
  absl::Time heard() const { return heard_; }
  // Since when nothing has changed.
  absl::Time progressed() const { return progressed_; }
  // Of the latest heartbeat: what it does, at which step, and since when. PHASE_UNSPECIFIED before
  // the first.
  v1::Heartbeat::Phase phase() const { return phase_; }
  uint64_t step() const { return step_; }
  absl::Time phase_since() const { return phase_since_; }

 private:
  absl::Time heard_;
  absl::Time progressed_;
  absl::Time phase_since_;
  uint64_t progress_ = 0;
  uint64_t step_ = 0;
  v1::Heartbeat::Phase phase_ = v1::Heartbeat::PHASE_UNSPECIFIED;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_HEALTH_H_
