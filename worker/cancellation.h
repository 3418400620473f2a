// How one thread tells another to stop what it is doing.
#ifndef OUTERLOOP_WORKER_CANCELLATION_H_
#define OUTERLOOP_WORKER_CANCELLATION_H_

#include <functional>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace outerloop::worker {

// A flag that is set once, with callbacks for work that cannot look at a flag. Thread-safe.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  // Sets the flag and runs the callbacks in this thread before it returns. Idempotent.
  void Cancel() ABSL_LOCKS_EXCLUDED(mu_);

  bool cancelled() const ABSL_LOCKS_EXCLUDED(mu_);

  // Blocks until cancelled or for `timeout`; returns cancelled().
  bool WaitFor(absl::Duration timeout) const ABSL_LOCKS_EXCLUDED(mu_);

  // As long as it lives, `callback` is run when the flag is set; at once, in the constructor, if it
  // is set already. A callback must be short and must not use the Cancellation.
  class Callback {
   public:
    Callback(Cancellation& cancellation, std::function<void()> callback);
    // Blocks while the callback runs; afterwards it never will.
    ~Callback();
    Callback(const Callback&) = delete;
    Callback& operator=(const Callback&) = delete;

   private:
    Cancellation& cancellation_;
    const std::function<void()> callback_;
  };

 private:
  mutable absl::Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  std::set<const std::function<void()>*> callbacks_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_CANCELLATION_H_
