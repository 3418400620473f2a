// A deadline for calls that have none of their own.
#ifndef OUTERLOOP_WORKER_REDUCERS_WATCHDOG_H_
#define OUTERLOOP_WORKER_REDUCERS_WATCHDOG_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace outerloop::worker {

// Calls a function, from a thread of its own, when a deadline passes that was not lifted in time.
// Setting and lifting a deadline costs no switch of threads as long as deadlines do not come
// closer. Thread-safe.
class Watchdog {
 public:
  // `bark` must return soon and must not use the watchdog.
  explicit Watchdog(std::function<void()> bark);
  // Waits for a `bark` that runs.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // In place of any deadline before. `bark` is called once for it, soon after it has passed.
  void Set(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);
  // `bark` is not called any more, though it may be running.
  void Lift() ABSL_LOCKS_EXCLUDED(mu_) { Set(absl::InfiniteFuture()); }

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  bool MustWake() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return stopping_ || deadline_ < sleeps_until_;
  }

  const std::function<void()> bark_;
  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Time deadline_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  absl::Time sleeps_until_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  std::thread thread_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_WATCHDOG_H_
