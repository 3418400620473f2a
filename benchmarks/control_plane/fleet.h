// Thousands of simulated workers.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_FLEET_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_FLEET_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "benchmarks/control_plane/alarm_clock.h"
#include "benchmarks/control_plane/group_table.h"
#include "benchmarks/control_plane/simulated_worker.h"

namespace outerloop::control_plane {

struct FleetOptions {
  uint32_t workers = 1000;              // At least 1.
  uint32_t workers_per_connection = 1;  // Real workers have one each. At least 1.
  // Of each worker; the workers' are spread evenly over it. Zero: none.
  absl::Duration heartbeat_period = absl::Milliseconds(250);
  GroupOptions group;
};

// Connects when made, and stays connected. Thread-safe.
class Fleet {
 public:
  // `address` is the coordinator's; `measurements` must outlive the fleet.
  Fleet(const FleetOptions& options, const std::string& address, GroupMeasurements& measurements);
  ~Fleet();

  // Blocks until the coordinator has welcomed every worker; DEADLINE_EXCEEDED if it has not by
  // `deadline`.
  absl::Status AwaitWelcome(absl::Time deadline);

  GroupTable& groups() { return groups_; }
  SimulatedWorker& worker(size_t i) { return *workers_.at(i); }
  size_t size() const { return workers_.size(); }
  // Workers that the coordinator has given up.
  uint32_t lost() const;

 private:
  // Heartbeats of the workers of one slice of the period, and those of the next slice later.
  void Beat(uint32_t slice, absl::Time at);

  const FleetOptions options_;
  AlarmClock group_clock_;
  AlarmClock heartbeat_clock_;
  GroupTable groups_;
  std::atomic<uint32_t> welcomes_{0};
  std::vector<std::unique_ptr<SimulatedWorker>> workers_;
};

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_FLEET_H_
