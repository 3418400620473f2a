// One connection of a worker.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_WORKER_SESSION_H_
#define OUTERLOOP_COORDINATOR_SERVICE_WORKER_SESSION_H_

#include <deque>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/session_registry.h"
#include "grpcpp/support/server_callback.h"
#include "outerloop/v1/worker_service.pb.h"

namespace outerloop::coordinator {

// Turns what the worker says into events and sends it what the engine says. The stream's end is the
// worker's loss. Deletes itself when the call is over. Thread-safe.
class WorkerSession final
    : public grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>,
      public WorkerOutbox {
 public:
  WorkerSession(Engine& engine, SessionRegistry& sessions);

  // WorkerOutbox
  void Send(v1::CoordinatorMessage message) override ABSL_LOCKS_EXCLUDED(mu_);
  void Beat() override ABSL_LOCKS_EXCLUDED(mu_);
  void Close(const absl::Status& status) override ABSL_LOCKS_EXCLUDED(mu_);

  // Reactions of gRPC.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnCancel() override;
  void OnDone() override;

 private:
  // The first message: FAILED_PRECONDITION if the worker speaks another protocol.
  absl::Status Greet(const v1::WorkerMessage& message);
  absl::Status Take(const v1::WorkerMessage& message);
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Engine& engine_;
  SessionRegistry& sessions_;
  const SessionId id_;
  v1::WorkerMessage incoming_;  // Of the read that is under way.
  bool greeted_ = false;        // Read by reactions to reads, and at the end.

  absl::Mutex mu_;
  std::deque<v1::CoordinatorMessage> outgoing_ ABSL_GUARDED_BY(mu_);  // The front is on its way.
  std::optional<absl::Status> close_ ABSL_GUARDED_BY(mu_);            // Once `outgoing_` is empty.
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_WORKER_SESSION_H_
