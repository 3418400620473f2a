#include "coordinator/core/worker_pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outerloop::coordinator {

bool Rounds(const v1::Numerics& worker, const v1::Numerics& job) {
  return job.device().empty() ||
         (worker.device() == job.device() && worker.capability() == job.capability() &&
          worker.backend() == job.backend() && worker.libtorch() == job.libtorch());
}

std::optional<SessionId> WorkerPool::SessionOf(const std::string& worker_id) const {
  const auto session = sessions_.find(worker_id);
  if (session == sessions_.end()) return std::nullopt;
  return session->second;
}

Worker& WorkerPool::Add(WorkerConnected info, absl::Time now) {
  const SessionId session = info.session;
  sessions_[info.worker_id] = session;
  idle_.insert(session);
  Worker worker(std::move(info), now);
  const std::string& name = worker.info.name;
  worker.slot = TakeSlot(name);
  worker.label = worker.slot == 1 ? name : absl::StrCat(name, "#", worker.slot);
  return workers_.insert_or_assign(session, std::move(worker)).first->second;
}

uint32_t WorkerPool::TakeSlot(const std::string& name) {
  Slots& slots = slots_[name];
  if (slots.free.empty()) return ++slots.used;
  return slots.free.extract(slots.free.begin()).value();
}

void WorkerPool::FreeSlot(const Worker& worker) {
  const auto slots = slots_.find(worker.info.name);
  slots->second.free.insert(worker.slot);
  if (slots->second.free.size() == slots->second.used) slots_.erase(slots);
}

void WorkerPool::Remove(SessionId session) {
  const auto worker = workers_.find(session);
  if (worker == workers_.end()) return;
  sessions_.erase(worker->second.info.worker_id);
  FreeSlot(worker->second);
  idle_.erase(session);
  workers_.erase(worker);
}

Worker* WorkerPool::Find(SessionId session) {
  const auto it = workers_.find(session);
  return it == workers_.end() ? nullptr : &it->second;
}

const Worker* WorkerPool::Find(SessionId session) const {
  const auto it = workers_.find(session);
  return it == workers_.end() ? nullptr : &it->second;
}

void WorkerPool::AssignJob(Worker& worker, const std::string& job_id) {
  worker.job_id = job_id;
  Sort(worker);
}

void WorkerPool::AssignEvaluation(Worker& worker, const std::string& evaluation_id) {
  worker.evaluation_id = evaluation_id;
  Sort(worker);
}

void WorkerPool::Release(Worker& worker) {
  worker.job_id.clear();
  worker.evaluation_id.clear();
  Sort(worker);
}

void WorkerPool::Sort(const Worker& worker) {
  if (worker.idle()) {
    idle_.insert(worker.info.session);
  } else {
    idle_.erase(worker.info.session);
  }
}

bool WorkerPool::HasAll(const std::vector<std::string>& worker_ids) const {
  return std::all_of(worker_ids.begin(), worker_ids.end(),
                     [&](const std::string& id) { return sessions_.contains(id); });
}

}  // namespace outerloop::coordinator
