// How long to wait before trying again.
#ifndef OUTERLOOP_COMMON_BACKOFF_H_
#define OUTERLOOP_COMMON_BACKOFF_H_

#include <cstdint>

#include "absl/time/time.h"
#include "common/philox.h"

namespace outerloop {

struct BackoffOptions {
  absl::Duration initial = absl::Milliseconds(50);  // Mean of the first wait. > 0.
  absl::Duration maximum = absl::Seconds(2);        // Of the mean. >= initial.
  double multiplier = 2.0;                          // >= 1.
};

// Exponential waits with jitter: the k-th is uniform over [0.5, 1.5) x min(maximum, initial x
// multiplier^k). Does not sleep. Thread-compatible.
class Backoff {
 public:
  // Waits of one `seed` are the same sequence; give each client its own.
  Backoff(const BackoffOptions& options, uint64_t seed);

  absl::Duration Next();
  // After a success: the next wait is the first again.
  void Reset();

 private:
  const BackoffOptions options_;
  RandomStream random_;
  absl::Duration mean_;
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_BACKOFF_H_
