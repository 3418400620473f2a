// How long something took, many times.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_LATENCIES_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_LATENCIES_H_

#include <cstddef>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace outerloop::control_plane {

// Of a set of samples. A quantile q is the smallest sample that at least q of all samples do not
// exceed. All zero if there are none.
struct LatencySummary {
  size_t count = 0;
  absl::Duration p50, p99, max;
};

// Keeps every sample, 8 bytes each. Thread-safe.
class Latencies {
 public:
  void Add(absl::Duration sample) ABSL_LOCKS_EXCLUDED(mu_);
  // Summary of what was added since the last Take, which is forgotten.
  LatencySummary Take() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Mutex mu_;
  std::vector<double> seconds_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_LATENCIES_H_
