// A worker's process: the real control logic behind simulated edges.
#ifndef OUTERLOOP_TESTS_SIMULATION_WORKER_PROCESS_H_
#define OUTERLOOP_TESTS_SIMULATION_WORKER_PROCESS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/executor.h"
#include "tests/simulation/network.h"
#include "worker/member/member.h"

namespace outerloop::simulation {

// Real: Member. Simulated: the operations (executor.h), and the session, which sends heartbeats,
// ends a connection that nothing is heard over for the lease, and connects again with backoff. A
// supervisor starts the process again, under the same name, whenever it has ended.
// Thread-compatible.
class WorkerProcess : public Process {
 public:
  // `number` tells workers apart. `cluster` must outlive the process.
  WorkerProcess(Cluster& cluster, int number, bool has_gloo);
  ~WorkerProcess() override;

  Condition& condition() { return condition_; }
  Link& link() { return link_; }
  const std::string& name() const { return name_; }
  // Of this life.
  std::string worker_id() const;

  void Start();
  void Kill();
  // SIGTERM.
  void Stop();
  // Its connection breaks, if it has one; the ends learn of it after so long.
  void BreakConnection(absl::Duration here, absl::Duration at_coordinator);

 private:
  // The memory of one life.
  struct Memory;

  void Connect();
  void LoseConnection(uint64_t connection, const absl::Status& status);
  void ConnectAgain();
  void Receive(uint64_t connection, const v1::CoordinatorMessage& message);
  void Beat();
  void Apply(worker::MemberEvent event);
  void Perform(const worker::Begin& begin);
  void Perform(const worker::CancelOperation& cancel);
  void Perform(const worker::Send& send);
  void Perform(const worker::Finish& finish);
  void Say(v1::WorkerMessage message);

  Cluster& cluster_;
  const int number_;
  const std::string name_;
  const bool has_gloo_;
  Link link_;
  Condition condition_;
  std::unique_ptr<Memory> memory_;
};

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_WORKER_PROCESS_H_
