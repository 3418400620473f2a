// A bound on lines that strangers can cause.
#ifndef OUTERLOOP_COORDINATOR_SECURITY_LINE_BUDGET_H_
#define OUTERLOOP_COORDINATOR_SECURITY_LINE_BUDGET_H_

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace outerloop::coordinator {

// A token bucket: so many lines at once, and one more every `period`, which adds up to `burst`.
// What has no line is counted. Thread-safe.
class LineBudget {
 public:
  // `burst` >= 1, `period` > 0.
  LineBudget(uint64_t burst, absl::Duration period)
      : burst_(burst), period_(period), left_(burst) {}

  // If there is one more line at `now`, which takes it: how many have been left out since the last.
  // Nothing if not: this one is left out. `now` may go back.
  std::optional<uint64_t> Take(absl::Time now) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const uint64_t burst_;
  const absl::Duration period_;

  absl::Mutex mu_;
  uint64_t left_ ABSL_GUARDED_BY(mu_);
  uint64_t left_out_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Time refilled_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SECURITY_LINE_BUDGET_H_
