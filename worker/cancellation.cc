#include "worker/cancellation.h"

#include <utility>

namespace outerloop::worker {

void Cancellation::Cancel() {
  absl::MutexLock lock(&mu_);
  if (cancelled_) return;
  cancelled_ = true;
  for (const std::function<void()>* callback : callbacks_) (*callback)();
}

bool Cancellation::cancelled() const {
  absl::MutexLock lock(&mu_);
  return cancelled_;
}

bool Cancellation::WaitFor(absl::Duration timeout) const {
  absl::MutexLock lock(&mu_);
  return mu_.AwaitWithTimeout(absl::Condition(&cancelled_), timeout);
}

Cancellation::Callback::Callback(Cancellation& cancellation, std::function<void()> callback)
    : cancellation_(cancellation), callback_(std::move(callback)) {
  absl::MutexLock lock(&cancellation_.mu_);
  if (cancellation_.cancelled_) {
    callback_();
  } else {
    cancellation_.callbacks_.insert(&callback_);
  }
}

Cancellation::Callback::~Callback() {
  absl::MutexLock lock(&cancellation_.mu_);
  cancellation_.callbacks_.erase(&callback_);
}

}  // namespace outerloop::worker
