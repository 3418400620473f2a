#include "tests/faults/chaos.h"

#include <signal.h>

#include <algorithm>

#include "absl/time/clock.h"

namespace outerloop::tests {
namespace {

// Whether a running process was ended by this very signal.
bool KillRunning(Process& process) {
  if (!process.running()) return false;
  process.Kill();
  return process.Wait() == 128 + SIGKILL;
}

}  // namespace

Chaos::Chaos(Cluster& cluster, const ChaosOptions& options)
    : cluster_(cluster), options_(options), random_(options.seed), thread_([this] { Run(); }) {}

void Chaos::Stop() {
  if (!thread_.joinable()) return;
  stop_.Notify();
  thread_.join();
}

void Chaos::Run() {
  absl::Time next_worker = absl::Now() + options_.worker_period;
  absl::Time next_coordinator = absl::Now() + options_.coordinator_period;
  while (!stop_.WaitForNotificationWithDeadline(std::min(next_worker, next_coordinator))) {
    if (next_worker <= next_coordinator) {
      KillAWorker();
      next_worker += options_.worker_period;
    } else {
      KillTheCoordinator();
      next_coordinator += options_.coordinator_period;
    }
  }
}

void Chaos::KillAWorker() {
  const size_t victim = random_() % cluster_.worker_count();
  if (KillRunning(cluster_.worker(victim))) ++workers_killed_;
  cluster_.ReplaceWorker(victim);
}

void Chaos::KillTheCoordinator() {
  if (KillRunning(cluster_.coordinator())) ++coordinators_killed_;
  cluster_.StartCoordinator();
}

}  // namespace outerloop::tests
