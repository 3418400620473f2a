// The workers that can be given work, sorted by what jobs tell apart.
#ifndef OUTERLOOP_COORDINATOR_CORE_ROSTER_H_
#define OUTERLOOP_COORDINATOR_CORE_ROSTER_H_

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "coordinator/core/allocation.h"
#include "coordinator/core/worker_pool.h"
#include "outerloop/v1/job.pb.h"

namespace outerloop::coordinator {

// Workers are of one kind if they round alike and can take part in the same reducers. Adding or
// taking one costs O(kinds), of which there are few. Thread-compatible.
class Roster {
 public:
  // Those are to be added in the order in which they connected, and to outlive the roster.
  void AddFree(const WorkerConnected& worker);
  // One that a training or an evaluation has, by its id.
  void AddHeld(const WorkerConnected& worker, const std::string& holder);

  // All that were added.
  const Headcount& all() const { return all_; }
  // One number a kind.
  Headcount HeldBy(const std::string& holder) const;
  size_t KindOf(const WorkerConnected& worker) const;

  // Sets of kinds whose workers can work together for a job with this specification, by whose
  // worker connected first: all that fit, if the job mixes them or its numerics are known.
  std::vector<std::vector<size_t>> ChoicesFor(const v1::Workers& wanted, v1::Reducer reducer,
                                              const v1::Numerics& numerics) const;

  // How many of these kinds are free.
  size_t Free(const std::vector<size_t>& kinds) const;
  // Free workers, at most so many of each kind, by session: they are free no longer.
  std::vector<SessionId> Take(const Headcount& wanted);

 private:
  struct Kind {
    const WorkerConnected* example;
    std::deque<SessionId> free;
  };

  // Adds the kind if it is new, and counts one more.
  size_t Count(const WorkerConnected& worker);

  std::vector<Kind> kinds_;
  Headcount all_;
  std::map<std::string, Headcount> held_;  // May lack kinds at the end.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_ROSTER_H_
