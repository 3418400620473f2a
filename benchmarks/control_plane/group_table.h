// The groups of all jobs.
#ifndef OUTERLOOP_BENCHMARKS_CONTROL_PLANE_GROUP_TABLE_H_
#define OUTERLOOP_BENCHMARKS_CONTROL_PLANE_GROUP_TABLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "benchmarks/control_plane/simulated_group.h"

namespace outerloop::control_plane {

// Where members of one generation meet, and where others learn that it has started. Thread-safe.
class GroupTable {
 public:
  // Both must outlive all groups.
  GroupTable(const GroupOptions& options, AlarmClock& clock, GroupMeasurements& measurements)
      : options_(options), clock_(clock), measurements_(measurements) {}

  // The group of `start`, with `member` in it.
  std::shared_ptr<SimulatedGroup> Enter(const v1::StartGroup& start, GroupMember* member)
      ABSL_LOCKS_EXCLUDED(mu_);

  // The latest generation of a job all of whose members have got their StartGroup.
  struct Started {
    uint64_t generation = 0;
    uint32_t size = 0;
    absl::Time at;  // When the last of them had it.
  };
  // Blocks until a generation after `generation` of at least `size` members has started;
  // DEADLINE_EXCEEDED if none has by `deadline`.
  absl::StatusOr<Started> AwaitStart(const std::string& job_id, uint64_t generation, uint32_t size,
                                     absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);
  // Blocks until the latest started generations of all jobs have `members` members together.
  absl::Status AwaitMembers(uint64_t members, absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  uint64_t StartedMembers() const ABSL_SHARED_LOCKS_REQUIRED(mu_);

  const GroupOptions options_;
  AlarmClock& clock_;
  GroupMeasurements& measurements_;

  absl::Mutex mu_;
  // Those that have not started yet or have the latest generation of their job.
  std::map<std::string, std::shared_ptr<SimulatedGroup>> present_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, Started> started_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::control_plane

#endif  // OUTERLOOP_BENCHMARKS_CONTROL_PLANE_GROUP_TABLE_H_
