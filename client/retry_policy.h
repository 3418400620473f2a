// When a call that failed is made again.
#ifndef OUTERLOOP_CLIENT_RETRY_POLICY_H_
#define OUTERLOOP_CLIENT_RETRY_POLICY_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/backoff.h"

namespace outerloop::client {

// Retries UNAVAILABLE, which is what a coordinator that restarts looks like, until it has lasted
// for `retry_for`. All calls are safe to make twice: they change nothing or carry a request id.
//
// Pure: has no clock and does not sleep. Thread-compatible.
class RetryPolicy {
 public:
  RetryPolicy(absl::Duration retry_for, const BackoffOptions& backoff, uint64_t seed);

  // After an attempt that ended with `status` at `now`: how long to wait before the next, or
  // nullopt if there is to be none.
  std::optional<absl::Duration> AfterFailure(const absl::Status& status, absl::Time now);

  // The coordinator answered: the next failure is the first again.
  void AfterProgress();

 private:
  const absl::Duration retry_for_;
  Backoff backoff_;
  std::optional<absl::Time> failing_since_;
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_RETRY_POLICY_H_
