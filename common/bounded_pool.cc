#include "common/bounded_pool.h"

#include <utility>

namespace outerloop {

BoundedPool::BoundedPool(int threads, uint64_t budget) : budget_(budget) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

BoundedPool::~BoundedPool() {
  {
    absl::MutexLock lock(&mu_);
    closed_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void BoundedPool::Submit(uint64_t cost, std::function<void()> job) {
  absl::MutexLock lock(&mu_);
  const auto has_room = [this, cost]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return cost_ == 0 || cost_ + cost <= budget_;
  };
  mu_.Await(absl::Condition(&has_room));
  cost_ += cost;
  queue_.push_back({cost, std::move(job)});
}

void BoundedPool::Work() {
  const auto has_news = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return closed_ || !queue_.empty();
  };
  while (true) {
    absl::ReleasableMutexLock lock(&mu_, absl::Condition(&has_news));
    if (queue_.empty()) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.Release();
    job.run();
    job.run = nullptr;  // What it holds goes before its cost does.
    absl::MutexLock again(&mu_);
    cost_ -= job.cost;
  }
}

}  // namespace outerloop
