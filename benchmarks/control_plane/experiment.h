// One measurement of a coordinator under load.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_EXPERIMENT_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_EXPERIMENT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "benchmarks/control_plane/latencies.h"

namespace outerloop::control_plane {

struct Scenario {
  uint32_t workers = 1000;          // At least 1.
  uint32_t group_size = 0;          // Workers of a job. 0: all in one.
  std::string dataset = "strokes";  // Or "sinusoid".
  // From the moment when every member has a step's plan to the step's end. > 0.
  absl::Duration step_time = absl::Milliseconds(500);
  absl::Duration warm_up = absl::Seconds(3);    // From the start of the last group.
  absl::Duration duration = absl::Seconds(10);  // Of the measurement that follows. > 0.
  uint32_t cuts = 3;                    // Workers that are cut off afterwards, one after another.
  uint32_t workers_per_connection = 1;  // At least 1.
  absl::Duration heartbeat_period = absl::Milliseconds(250);  // Zero: none.
  std::string coordinator;                                    // Path of the program.

  uint32_t jobs() const { return group_size == 0 ? 1 : (workers + group_size - 1) / group_size; }

  // INVALID_ARGUMENT, naming the flag, if a value is outside its range.
  absl::Status Validate() const;
};

struct Result {
  Scenario scenario;
  absl::Duration connect;  // Until every worker is welcome.
  absl::Duration start;    // From the first submission until every worker is a member of a group.

  // While all of them train:
  double steps_per_second = 0;        // Of all jobs together.
  double ideal_steps_per_second = 0;  // If no step ever waited for its plan.
  double plans_per_second = 0;        // To all workers together.
  LatencySummary delivery;            // GroupMeasurements.
  uint64_t early_plans = 0;           // Likewise; not 0: `delivery` means nothing.
  LatencySummary get_job, list_jobs, list_workers;
  int failed_calls = 0;
  double coordinator_cpu = 0;  // Cores.
  double generator_cpu = 0;    // Cores of the simulated workers.

  // Of the coordinator, to the end of the experiment.
  uint64_t resident_bytes = 0;
  uint64_t peak_bytes = 0;
  uint32_t lost_workers = 0;  // Given up by the coordinator without a reason.

  // From the cut of a worker's stream to the start of the next generation at the last of the
  // others; and from its connecting again to the start of the generation with it. The latter waits
  // for a step boundary behind all plans that are out.
  LatencySummary reform, rejoin;
};

// Starts a coordinator with an empty data folder, connects the workers, submits the jobs, measures,
// and ends all of it. Blocks. DEADLINE_EXCEEDED, saying what is missing, if the coordinator does
// not get the workers to train within minutes.
absl::StatusOr<Result> RunExperiment(const Scenario& scenario);

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_EXPERIMENT_H_
