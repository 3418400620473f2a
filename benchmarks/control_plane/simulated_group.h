// One generation of a job, whose members compute nothing.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_SIMULATED_GROUP_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_SIMULATED_GROUP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "benchmarks/control_plane/alarm_clock.h"
#include "benchmarks/control_plane/latencies.h"
#include "benchmarks/control_plane/lockstep.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::control_plane {

// What the simulated groups see of the coordinator. Thread-safe.
struct GroupMeasurements {
  // Of a plan, from the report that made it due (the last member's of the step a window before it)
  // to its receipt, for every member and step.
  Latencies delivery;
  std::atomic<uint64_t> steps{0};  // Finished by a whole group.
  std::atomic<uint64_t> plans{0};  // Received.
  // Received before they were due: the coordinator plans further ahead than is assumed, and
  // `delivery` means nothing.
  std::atomic<uint64_t> early{0};
};

struct GroupOptions {
  absl::Duration step_time;  // From a step's beginning to its end. > 0.
  uint64_t window = 2;       // Steps that the coordinator plans ahead. > 0.
};

class GroupMember {
 public:
  virtual ~GroupMember() = default;
  // The group has finished `step`. Called in the order of steps, from the alarm clock's thread.
  virtual void Finish(uint64_t step) = 0;
};

// The members of one generation, in lockstep as an all-reduce would have them (Lockstep): a step
// takes `step_time` from the moment when the last member has its plan. Thread-safe.
class SimulatedGroup : public std::enable_shared_from_this<SimulatedGroup> {
 public:
  // As `start` has it. `clock` and `measurements` must outlive all calls.
  SimulatedGroup(const v1::StartGroup& start, const GroupOptions& options, AlarmClock& clock,
                 GroupMeasurements& measurements);

  const std::string& job_id() const { return job_id_; }
  uint64_t generation() const { return generation_; }
  uint32_t size() const { return size_; }

  // `member` has got its StartGroup. Whether it is the last to. It stays valid until End has been
  // called and the alarm clock has been stopped.
  bool Enter(GroupMember* member) ABSL_LOCKS_EXCLUDED(mu_);
  // A member that has entered got the plan of `step` at `received`.
  void TakePlan(uint64_t step, absl::Time received) ABSL_LOCKS_EXCLUDED(mu_);
  // A member leaves, and takes the generation with it: no step is finished any more. Idempotent.
  void End() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Begin(absl::Time now);
  void FinishStep() ABSL_LOCKS_EXCLUDED(mu_);

  const std::string job_id_;
  const uint64_t generation_;
  const uint32_t size_;
  const GroupOptions options_;
  AlarmClock& clock_;
  GroupMeasurements& measurements_;

  absl::Mutex mu_;
  std::vector<GroupMember*> members_ ABSL_GUARDED_BY(mu_);
  Lockstep steps_ ABSL_GUARDED_BY(mu_);
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_SIMULATED_GROUP_H_
