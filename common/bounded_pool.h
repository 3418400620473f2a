// Threads that work off a queue of bounded size.
#ifndef OUTERLOOP_COMMON_BOUNDED_POOL_H_
#define OUTERLOOP_COMMON_BOUNDED_POOL_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace outerloop {

// Begins jobs in the order in which they were given, each on one of its threads. Each job has a
// cost, say the bytes that it holds; the costs of jobs that have not ended stay within a budget.
// Thread-safe. Jobs must not throw.
class BoundedPool {
 public:
  // `threads` >= 1.
  BoundedPool(int threads, uint64_t budget);
  // Waits for all jobs.
  ~BoundedPool();
  BoundedPool(const BoundedPool&) = delete;
  BoundedPool& operator=(const BoundedPool&) = delete;

  // Blocks while the budget has no room; a job that costs more than all of it is alone.
  void Submit(uint64_t cost, std::function<void()> job) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Job {
    uint64_t cost;
    std::function<void()> run;
  };
  void Work() ABSL_LOCKS_EXCLUDED(mu_);

  const uint64_t budget_;
  absl::Mutex mu_;
  std::deque<Job> queue_ ABSL_GUARDED_BY(mu_);
  uint64_t cost_ ABSL_GUARDED_BY(mu_) = 0;  // Of queued and running jobs.
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_BOUNDED_POOL_H_
