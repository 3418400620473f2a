// Notices that nothing comes any more.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_IDLE_GUARD_H_
#define OUTERLOOP_COORDINATOR_SERVICE_IDLE_GUARD_H_

#include <functional>
#include <memory>

#include "absl/time/time.h"

namespace outerloop::coordinator {

// Calls a function, once, when it has not been touched for a while. Thread-safe.
class IdleGuard {
 public:
  // `on_idle` is called from a thread of gRPC's, after one to two times `patience`, and must not
  // destroy the guard.
  IdleGuard(absl::Duration patience, std::function<void()> on_idle);
  // Afterwards `on_idle` is not called, and no call of it is running.
  ~IdleGuard();

  void Touch();

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_IDLE_GUARD_H_
