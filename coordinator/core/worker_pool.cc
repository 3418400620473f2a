#include "coordinator/core/worker_pool.h"

#include <algorithm>

namespace outerloop::coordinator {

bool Rounds(const v1::Numerics& worker, const v1::Numerics& job) {
  return job.device().empty() ||
         (worker.device() == job.device() && worker.capability() == job.capability() &&
          worker.backend() == job.backend() && worker.libtorch() == job.libtorch());
}

std::optional<SessionId> WorkerPool::SessionOf(const std::string& worker_id) const {
  for (const auto& [session, worker] : workers_) {
    if (worker.info.worker_id == worker_id) return session;
  }
  return std::nullopt;
}

void WorkerPool::Add(WorkerConnected info, absl::Time now) {
  const SessionId session = info.session;
  workers_.insert_or_assign(session, Worker{std::move(info), now, Health(now), "", ""});
}

void WorkerPool::Remove(SessionId session) { workers_.erase(session); }

Worker* WorkerPool::Find(SessionId session) {
  const auto it = workers_.find(session);
  return it == workers_.end() ? nullptr : &it->second;
}

const Worker* WorkerPool::Find(SessionId session) const {
  const auto it = workers_.find(session);
  return it == workers_.end() ? nullptr : &it->second;
}

std::vector<SessionId> WorkerPool::Idle(const v1::Numerics& numerics) const {
  std::vector<SessionId> idle;
  for (const auto& [session, worker] : workers_) {
    if (worker.idle() && Rounds(worker.info.numerics, numerics)) idle.push_back(session);
  }
  return idle;
}

bool WorkerPool::HasAll(const std::vector<std::string>& worker_ids) const {
  return std::all_of(worker_ids.begin(), worker_ids.end(),
                     [&](const std::string& id) { return SessionOf(id).has_value(); });
}

}  // namespace outerloop::coordinator
