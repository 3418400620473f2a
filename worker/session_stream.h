// One connection of a worker's session.
#ifndef OUTERLOOP_WORKER_SESSION_STREAM_H_
#define OUTERLOOP_WORKER_SESSION_STREAM_H_

#include <deque>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "outerloop/v1/worker_service.grpc.pb.h"

namespace outerloop::worker {

// WorkerService.Session from its start to its end, with a queue of what is to be said, so that
// nothing but WaitUntilDone and the destructor blocks. Thread-safe.
class SessionStream final
    : private grpc::ClientBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage> {
 public:
  // Called for each message, one at a time, from a thread of gRPC's; must not block.
  using Receiver = std::function<void(v1::CoordinatorMessage)>;

  SessionStream(v1::WorkerService::Stub& stub, Receiver receiver);
  // Cancels the stream if it still runs, and waits for its end.
  ~SessionStream() override;

  // Opens the stream. Call once, before anything else.
  void Start() ABSL_LOCKS_EXCLUDED(mu_);

  // Queues a message; drops it once the stream has ended or FinishWriting was called.
  void Send(v1::WorkerMessage message) ABSL_LOCKS_EXCLUDED(mu_);
  // Sends a message only if nothing waits to be sent.
  void SendIfQuiet(v1::WorkerMessage message) ABSL_LOCKS_EXCLUDED(mu_);

  // Sends what is queued, then closes this end; an orderly coordinator then ends the stream.
  void FinishWriting() ABSL_LOCKS_EXCLUDED(mu_);

  // Ends the stream at once.
  void Cancel() { context_.TryCancel(); }

  // Blocks until the stream has ended and no Receiver runs any more, or until `deadline`: whether
  // it has ended.
  bool WaitUntilDone(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);
  // How the stream ended. Only after WaitUntilDone has returned true.
  absl::Status status() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone(const grpc::Status& status) override ABSL_LOCKS_EXCLUDED(mu_);

  void Push(v1::WorkerMessage message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Starts the next write or the closing of this end, if it is time for one.
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  v1::WorkerService::Stub& stub_;
  const Receiver receiver_;
  grpc::ClientContext context_;
  v1::CoordinatorMessage incoming_;  // Only for the reactions to reads, which follow each other.

  mutable absl::Mutex mu_;
  std::deque<v1::WorkerMessage> outgoing_ ABSL_GUARDED_BY(mu_);  // Front: being written.
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finishing_ ABSL_GUARDED_BY(mu_) = false;  // No message is taken any more.
  bool ended_ ABSL_GUARDED_BY(mu_) = false;      // No operation may be started any more.
  bool done_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_SESSION_STREAM_H_
