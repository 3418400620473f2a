#include "worker/compute_pool.h"

#include <utility>

namespace outerloop::worker {

ComputePool::ComputePool(int threads, const std::function<void()>& prepare_thread,
                         std::function<void()> on_done)
    : on_done_(std::move(on_done)) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this, prepare_thread] {
      prepare_thread();
      Run();
    });
  }
}

ComputePool::~ComputePool() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void ComputePool::ForEach(size_t count, const std::function<void(size_t)>& work) {
  absl::MutexLock lock(&mu_);
  work_ = &work;
  count_ = count;
  next_ = returned_ = 0;
  mu_.Await(absl::Condition(this, &ComputePool::AllReturned));
  count_ = next_ = returned_ = 0;
}

void ComputePool::Run() {
  mu_.Lock();
  while (true) {
    mu_.Await(absl::Condition(this, &ComputePool::HasNews));
    if (stopping_) break;
    const size_t number = next_++;
    const auto& work = *work_;
    mu_.Unlock();
    work(number);
    on_done_();
    mu_.Lock();
    ++returned_;
  }
  mu_.Unlock();
}

}  // namespace outerloop::worker
