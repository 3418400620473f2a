// The workers that are connected, and what each does.
#ifndef OUTERLOOP_COORDINATOR_CORE_WORKER_POOL_H_
#define OUTERLOOP_COORDINATOR_CORE_WORKER_POOL_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/event.h"
#include "coordinator/core/health.h"

namespace outerloop::coordinator {

// Whether a worker rounds as a job needs it: equal numerics, or the job has none yet.
bool Rounds(const v1::Numerics& worker, const v1::Numerics& job);

struct Worker {
  WorkerConnected info;
  absl::Time connected;
  Health health;
  std::string job_id;         // Of the group it is in; empty if none.
  std::string evaluation_id;  // Of the shards it has; empty if none.

  bool idle() const { return job_id.empty() && evaluation_id.empty(); }
};

// Thread-compatible.
class WorkerPool {
 public:
  // The session of this worker that was there before, if any: it is to be dropped first.
  std::optional<SessionId> SessionOf(const std::string& worker_id) const;

  void Add(WorkerConnected info, absl::Time now);
  void Remove(SessionId session);
  // Null if the session is not known (any more).
  Worker* Find(SessionId session);
  const Worker* Find(SessionId session) const;

  // Those that are idle and round as a job of these numerics needs it, in the order in which they
  // connected.
  std::vector<SessionId> Idle(const v1::Numerics& numerics) const;
  // Whether all of these worker ids are connected.
  bool HasAll(const std::vector<std::string>& worker_ids) const;

  const std::map<SessionId, Worker>& workers() const { return workers_; }
  std::map<SessionId, Worker>& workers() { return workers_; }

 private:
  std::map<SessionId, Worker> workers_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_WORKER_POOL_H_
