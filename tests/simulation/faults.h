// What goes wrong in a simulated run, and when.
#ifndef OUTERLOOP_TESTS_SIMULATION_FAULTS_H_
#define OUTERLOOP_TESTS_SIMULATION_FAULTS_H_

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/client_process.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/coordinator_process.h"
#include "tests/simulation/worker_process.h"

namespace outerloop::simulation {

// Injects faults of some kinds, chosen by chance, at random intervals until a given time; then
// everything heals. Every fault that happens is counted by its kind. Thread-compatible.
class Faults {
 public:
  // All must outlive it. `can_spare`: no job needs the last worker.
  Faults(Cluster& cluster, std::vector<std::unique_ptr<WorkerProcess>>& workers,
         std::vector<std::unique_ptr<ClientProcess>>& clients, bool can_spare);

  // Call once.
  void Start();
  // The last of all: nothing is wrong any more.
  void Heal();
  // When the last fault is over.
  absl::Time end() const { return end_; }

 private:
  struct Kind {
    const char* name;
    void (Faults::*inject)();
  };
  static const std::vector<Kind>& AllKinds();

  void Next();
  // All but what is for good.
  void End();
  WorkerProcess& AnyWorker();
  // A time from now, of this mean, but not after the end.
  absl::Time Until(absl::Duration mean);
  // How long an end takes to notice that its connection is broken; at times it never does.
  absl::Duration Notice();

  void KillWorker();
  void LoseMachine();
  void StopWorker();
  void PauseWorker();
  void SlowWorker();
  void StickWorker();
  void StickWorkerForGood();
  void BreakWorker();
  void BreakConnection();
  void BlockToCoordinator();
  void BlockToWorker();
  void BlockBoth();
  void BlockPeers();
  void BlockClient();
  void DelayLink();
  void KillCoordinator();
  void PauseCoordinator();
  void FillDisk();

  Cluster& cluster_;
  std::vector<std::unique_ptr<WorkerProcess>>& workers_;
  std::vector<std::unique_ptr<ClientProcess>>& clients_;
  std::vector<const Kind*> kinds_;  // Of this run.
  absl::Duration interval_;         // Mean.
  absl::Time end_;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_FAULTS_H_
