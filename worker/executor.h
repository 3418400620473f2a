// The thread that works.
#ifndef OUTERLOOP_WORKER_EXECUTOR_H_
#define OUTERLOOP_WORKER_EXECUTOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "worker/cancellation.h"
#include "worker/member/operation.h"
#include "worker/progress.h"

namespace outerloop::worker {

// Performs one operation at a time, in a thread of its own. Thread-safe.
class Executor {
 public:
  // Blocks while it works; ends soon after the cancellation is set.
  using Performer = std::function<Outcome(const Operation&, Cancellation&)>;
  // Called by the executor's thread after each operation; may begin the next.
  using Listener = std::function<void(uint64_t number, Outcome outcome)>;

  // `progress`, which must outlive the executor, is told when there is nothing to do.
  Executor(Performer performer, Listener listener, Progress& progress);
  // Stop.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // The operation before must have ended. What the performer throws becomes a Failure. Without
  // effect once stopped.
  void Begin(uint64_t number, std::shared_ptr<const Operation> operation) ABSL_LOCKS_EXCLUDED(mu_);
  // Sets its cancellation, unless it has ended.
  void Cancel(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);

  // Cancels what runs, waits for its end and joins the thread. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Task {
    uint64_t number = 0;
    std::shared_ptr<const Operation> operation;
    Cancellation cancellation;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Blocks until there is an operation; null once stopped.
  std::shared_ptr<Task> Next() ABSL_LOCKS_EXCLUDED(mu_);
  std::shared_ptr<Task> Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Outcome Perform(Task& task) const;
  bool HasNews() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return stopping_ || begun_; }

  const Performer performer_;
  const Listener listener_;
  Progress& progress_;

  absl::Mutex mu_;
  std::shared_ptr<Task> task_ ABSL_GUARDED_BY(mu_);  // The latest.
  bool begun_ ABSL_GUARDED_BY(mu_) = false;          // It waits for the thread.
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;  // Last: uses all of the above.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_EXECUTOR_H_
