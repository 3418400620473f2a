// The sessions of workers that are open, for whoever has a message for one.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_SESSION_REGISTRY_H_
#define OUTERLOOP_COORDINATOR_SERVICE_SESSION_REGISTRY_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/core/event.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {

// The sending end of one session. All calls return at once.
class WorkerOutbox {
 public:
  virtual ~WorkerOutbox() = default;
  virtual void Send(v1::CoordinatorMessage message) = 0;
  // Sends a heartbeat, unless something else is on its way.
  virtual void Beat() = 0;
  // Ends the stream with this status: after what was sent before if it is OK, else as soon as the
  // message that is on its way has gone.
  virtual void Close(const absl::Status& status) = 0;
};

// Thread-safe. A message to a session that is not there is dropped: its worker is gone.
class SessionRegistry {
 public:
  SessionId NewId() ABSL_LOCKS_EXCLUDED(mu_);
  // `outbox` stays valid until Remove has returned.
  void Add(SessionId session, WorkerOutbox* outbox) ABSL_LOCKS_EXCLUDED(mu_);
  void Remove(SessionId session) ABSL_LOCKS_EXCLUDED(mu_);

  void Send(SessionId session, v1::CoordinatorMessage message) ABSL_LOCKS_EXCLUDED(mu_);
  void Close(SessionId session, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mu_);
  // A heartbeat to those whose id is `slice` modulo `slices`. Others may send meanwhile.
  void Beat(uint64_t slice, uint64_t slices) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  std::vector<SessionId> Ids(uint64_t slice, uint64_t slices) ABSL_LOCKS_EXCLUDED(mu_);

  absl::Mutex mu_;  // Held during calls to an outbox: before the outbox's own lock.
  SessionId next_ ABSL_GUARDED_BY(mu_) = 1;
  std::map<SessionId, WorkerOutbox*> outboxes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_SESSION_REGISTRY_H_
