#include "coordinator/service/session_registry.h"

#include <utility>

namespace outerloop::coordinator {

SessionId SessionRegistry::NewId() {
  absl::MutexLock lock(&mu_);
  return next_++;
}

void SessionRegistry::Add(SessionId session, WorkerOutbox* outbox) {
  absl::MutexLock lock(&mu_);
  outboxes_[session] = outbox;
}

void SessionRegistry::Remove(SessionId session) {
  absl::MutexLock lock(&mu_);
  outboxes_.erase(session);
}

void SessionRegistry::Send(SessionId session, v1::CoordinatorMessage message) {
  absl::MutexLock lock(&mu_);
  const auto it = outboxes_.find(session);
  if (it != outboxes_.end()) it->second->Send(std::move(message));
}

void SessionRegistry::Close(SessionId session, const absl::Status& status) {
  absl::MutexLock lock(&mu_);
  const auto it = outboxes_.find(session);
  if (it != outboxes_.end()) it->second->Close(status);
}

std::vector<SessionId> SessionRegistry::Ids(uint64_t slice, uint64_t slices) {
  std::vector<SessionId> ids;
  absl::MutexLock lock(&mu_);
  for (const auto& [session, outbox] : outboxes_) {
    if (session % slices == slice) ids.push_back(session);
  }
  return ids;
}

void SessionRegistry::Beat(uint64_t slice, uint64_t slices) {
  for (const SessionId session : Ids(slice, slices)) {
    absl::MutexLock lock(&mu_);
    const auto it = outboxes_.find(session);
    if (it != outboxes_.end()) it->second->Beat();
  }
}

}  // namespace outerloop::coordinator
