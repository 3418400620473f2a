// The threads that compute.
#ifndef OUTERLOOP_WORKER_COMPUTE_POOL_H_
#define OUTERLOOP_WORKER_COMPUTE_POOL_H_

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace outerloop::worker {

// A fixed number of threads that share out one piece of work at a time. ForEach is called by one
// thread at a time.
class ComputePool {
 public:
  // Each thread calls `prepare_thread` first, and `on_done` after each call of ForEach's `work`.
  // `threads` >= 1.
  explicit ComputePool(
      int threads, const std::function<void()>& prepare_thread = [] {},
      std::function<void()> on_done = [] {});
  // Joins the threads. No ForEach may be running.
  ~ComputePool();
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  int threads() const { return static_cast<int>(threads_.size()); }

  // Calls `work` with each of 0 .. count - 1 once, on any thread of the pool, the lower numbers
  // earlier. Blocks until all calls have returned. `work` must not throw.
  void ForEach(size_t count, const std::function<void(size_t)>& work) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  bool HasNews() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return stopping_ || next_ < count_; }
  bool AllReturned() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return returned_ == count_; }

  const std::function<void()> on_done_;

  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  const std::function<void(size_t)>* work_ ABSL_GUARDED_BY(mu_) = nullptr;
  size_t count_ ABSL_GUARDED_BY(mu_) = 0;
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;      // First number not yet taken.
  size_t returned_ ABSL_GUARDED_BY(mu_) = 0;  // Calls that have returned.

  std::vector<std::thread> threads_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_COMPUTE_POOL_H_
