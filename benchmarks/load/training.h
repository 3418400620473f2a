// A job that trains, watched while others use its coordinator.
#ifndef OUTERLOOP_BENCHMARKS_LOAD_TRAINING_H_
#define OUTERLOOP_BENCHMARKS_LOAD_TRAINING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/support/cluster.h"

namespace outerloop::load {

// A coordinator, one worker with one thread, and MAML on the strokes: real processes on this
// machine. What fails ends the program. Not thread-safe.
class Training {
 public:
  // Returns once the job trains.
  Training();

  const std::string& address() const { return cluster_.address(); }
  // A job of two workers, of which there is one: it waits for as long as it is not cancelled.
  v1::JobSpec JobThatWaits() const;

  // The training job's.
  uint64_t step();
  // Blocks until the job has done so many.
  void AwaitStep(uint64_t step);
  size_t JobsIn(v1::JobState state);

  struct Window {
    double seconds = 0;                // That it took.
    uint64_t steps = 0;                // That ended in it.
    std::vector<double> step_seconds;  // Of each of them that is on record by its end.
    double coordinator_cores = 0;      // Processor time of the coordinator a second.
    double own_cores = 0;              // Of this program.
    double steps_per_second() const { return static_cast<double>(steps) / seconds; }
  };
  // Blocks for `duration`.
  Window Observe(absl::Duration duration);

 private:
  std::vector<double> StepSeconds(uint64_t after, uint64_t to);

  tests::Cluster cluster_;
  std::string job_id_;
};

}  // namespace outerloop::load

#endif  // OUTERLOOP_BENCHMARKS_LOAD_TRAINING_H_
