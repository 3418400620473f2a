// Kills, again and again, whatever it is let loose on.
#ifndef OUTERLOOP_TESTS_FAULTS_CHAOS_H_
#define OUTERLOOP_TESTS_FAULTS_CHAOS_H_

#include <cstdint>
#include <random>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {

struct ChaosOptions {
  // Between two faults of a kind; InfiniteDuration: none of it.
  absl::Duration worker_period = absl::InfiniteDuration();
  absl::Duration coordinator_period = absl::InfiniteDuration();
  uint64_t seed = 0;
};

// SIGKILLs a random worker of the cluster every `worker_period`, and the coordinator every
// `coordinator_period`, and starts another in its place, in a thread of its own. While it runs,
// nobody else may start or stop the cluster's processes.
class Chaos {
 public:
  Chaos(Cluster& cluster, const ChaosOptions& options);
  ~Chaos() { Stop(); }

  // No fault comes after it has returned; all processes run. Idempotent.
  void Stop();

  // Processes that were running and ended by SIGKILL. After Stop.
  int workers_killed() const { return workers_killed_; }
  int coordinators_killed() const { return coordinators_killed_; }

 private:
  void Run();
  void KillAWorker();
  void KillTheCoordinator();

  Cluster& cluster_;
  const ChaosOptions options_;
  std::mt19937_64 random_;
  absl::Notification stop_;
  // Of the thread, until Stop.
  int workers_killed_ = 0;
  int coordinators_killed_ = 0;
  std::thread thread_;
};

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_FAULTS_CHAOS_H_
