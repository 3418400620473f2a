// The coordinator's heartbeat.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_SESSION_PULSE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_SESSION_PULSE_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/service/session_registry.h"

namespace outerloop::coordinator {

// Sends a heartbeat over every session once a period, from construction to destruction, from a
// thread of its own: workers are not to take a coordinator that waits for its disk for a lost one.
// The sessions' heartbeats are spread over the period, so that thousands are no burst.
class SessionPulse {
 public:
  // `sessions` must outlive it.
  explicit SessionPulse(SessionRegistry& sessions, absl::Duration period = absl::Milliseconds(250));
  ~SessionPulse();

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);

  SessionRegistry& sessions_;
  const absl::Duration period_;
  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_SESSION_PULSE_H_
