#include "client/retry_policy.h"

#include <algorithm>

namespace outerloop::client {

RetryPolicy::RetryPolicy(absl::Duration retry_for, const BackoffOptions& backoff, uint64_t seed)
    : retry_for_(retry_for), backoff_(backoff, seed) {}

std::optional<absl::Duration> RetryPolicy::AfterFailure(const absl::Status& status,
                                                        absl::Time now) {
  if (!absl::IsUnavailable(status)) return std::nullopt;
  if (!failing_since_.has_value()) failing_since_ = now;
  const absl::Duration left = *failing_since_ + retry_for_ - now;
  if (left <= absl::ZeroDuration()) return std::nullopt;
  return std::min(backoff_.Next(), left);
}

void RetryPolicy::AfterProgress() {
  failing_since_.reset();
  backoff_.Reset();
}

}  // namespace outerloop::client
