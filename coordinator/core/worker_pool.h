// The workers that are connected, and what each does.
#ifndef OUTERLOOP_COORDINATOR_CORE_WORKER_POOL_H_
#define OUTERLOOP_COORDINATOR_CORE_WORKER_POOL_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/core/event.h"
#include "coordinator/core/health.h"
#include "coordinator/core/speed.h"

namespace outerloop::coordinator {

// Whether two workers round alike, or the job has no numerics yet.
bool Rounds(const v1::Numerics& worker, const v1::Numerics& job);

struct Worker {
  Worker(WorkerConnected hello, absl::Time now)
      : info(std::move(hello)),
        connected(now),
        health(now),
        speed(std::max<uint32_t>(1, info.threads)) {}

  WorkerConnected info;
  absl::Time connected;
  // What its failures are counted by: its name, made unique among the workers that are connected.
  // Stable over restarts of its process.
  std::string label;
  uint32_t slot = 0;  // Among the workers of its name, from 1.
  Health health;
  Speed speed;
  std::string job_id;         // Of the group it is in; empty if none.
  std::string evaluation_id;  // Of the shards it has; empty if none.
  std::string proven_job;     // The job that it has last finished a step of.
  bool leaving = false;       // It wants to stop: gets nothing new.
  bool late = false;          // Still busy with what others do in its place.
  bool set_aside = false;     // Failed too often of late.

  bool idle() const { return job_id.empty() && evaluation_id.empty(); }
};

// Whoever is found by id, label or idleness is found in O(log workers). Thread-compatible.
class WorkerPool {
 public:
  // The session of this worker that was there before, if any: it is to be dropped first.
  std::optional<SessionId> SessionOf(const std::string& worker_id) const;

  Worker& Add(WorkerConnected info, absl::Time now);
  void Remove(SessionId session);
  // Null if the session is not known (any more).
  Worker* Find(SessionId session);
  const Worker* Find(SessionId session) const;

  // It belongs to a group, or has shards of an evaluation, or neither of them.
  void AssignJob(Worker& worker, const std::string& job_id);
  void AssignEvaluation(Worker& worker, const std::string& evaluation_id);
  void Release(Worker& worker);

  // Those that do nothing, in the order in which they connected.
  const std::set<SessionId>& idle() const { return idle_; }
  // Whether all of these worker ids are connected.
  bool HasAll(const std::vector<std::string>& worker_ids) const;

  const std::map<SessionId, Worker>& workers() const { return workers_; }
  std::map<SessionId, Worker>& workers() { return workers_; }

 private:
  // Of the workers of one name: which numbers are taken.
  struct Slots {
    uint32_t used = 0;        // Numbers that were ever taken: 1 to this.
    std::set<uint32_t> free;  // Of these, the ones that are free again.
  };

  uint32_t TakeSlot(const std::string& name);
  void FreeSlot(const Worker& worker);
  // Puts the worker among the idle ones or takes it from there.
  void Sort(const Worker& worker);

  std::map<SessionId, Worker> workers_;
  std::unordered_map<std::string, SessionId> sessions_;  // By worker id.
  std::map<std::string, Slots> slots_;                   // By name.
  std::set<SessionId> idle_;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_WORKER_POOL_H_
