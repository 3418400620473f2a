// Calls at given times.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_ALARM_CLOCK_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_ALARM_CLOCK_H_

#include <functional>
#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace outerloop::control_plane {

// Makes calls from one thread of its own, in the order of their times; those of one time in the
// order in which they were asked for. Thread-safe.
class AlarmClock {
 public:
  using Callback = std::function<void()>;

  AlarmClock();
  // As Stop.
  ~AlarmClock();

  // `callback` may call At, and must not call Stop. Dropped after Stop.
  void At(absl::Time time, Callback callback) ABSL_LOCKS_EXCLUDED(mu_);

  // Drops what is outstanding and waits for the call that is running. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  bool MustLook(absl::Time until) const ABSL_SHARED_LOCKS_REQUIRED(mu_);
  // The next call, once it is time for it; empty when stopping.
  Callback Next() ABSL_LOCKS_EXCLUDED(mu_);

  absl::Mutex mu_;
  std::multimap<absl::Time, Callback> alarms_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_ALARM_CLOCK_H_
