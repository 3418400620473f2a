// A worker's standing with its coordinator.
#ifndef OUTERLOOP_WORKER_SESSION_H_
#define OUTERLOOP_WORKER_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "grpcpp/channel.h"
#include "outerloop/v1/worker_service.grpc.pb.h"
#include "worker/cancellation.h"
#include "worker/mailbox.h"
#include "worker/session_stream.h"
#include "worker/worker_metrics.h"

namespace outerloop::worker {

struct SessionOptions {
  BackoffOptions backoff = {};  // Between a lost connection and the next.
  // How long Close waits for the coordinator to take note.
  absl::Duration close_timeout = absl::Seconds(2);
};

// Keeps one stream of WorkerService.Session open, in a thread of its own, and opens another
// whenever it is lost, for ever. What comes goes into a mailbox. Connections are counted from 1;
// what is meant for one is never sent over another. Thread-safe.
class Session {
 public:
  // `hello` without `held`. `mailbox` and `metrics` must outlive the session.
  Session(const std::shared_ptr<grpc::Channel>& channel, v1::Hello hello, Mailbox& mailbox,
          WorkerMetrics& metrics, const SessionOptions& options = {});
  // Close.
  ~Session();

  // Sends over that connection; drops the message if it is lost.
  void Send(uint64_t connection, v1::WorkerMessage message) ABSL_LOCKS_EXCLUDED(mu_);

  // Gives that connection up, if it is not lost already, and opens the next: the way to tell the
  // coordinator that the group no longer works.
  void Reset(uint64_t connection, const absl::Status& reason) ABSL_LOCKS_EXCLUDED(mu_);

  // What the next connection's Hello says of the training state in memory: that there is one, that
  // it has come one step further, or that there is none.
  void SetHeld(const std::string& job_id, uint64_t step) ABSL_LOCKS_EXCLUDED(mu_);
  void AddHeldStep(const v1::StepMetrics& metrics) ABSL_LOCKS_EXCLUDED(mu_);
  void ClearHeld() ABSL_LOCKS_EXCLUDED(mu_);

  // Sends what is queued, ends the stream and joins the thread. Blocks for `close_timeout` at most.
  // Returns OK, or why the coordinator refuses this worker: FAILED_PRECONDITION (another protocol
  // version) or INVALID_ARGUMENT. After a refusal the mailbox is closed and nothing is tried again.
  absl::Status Close() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  struct ConnectionEnd {
    absl::Status status;
    bool was_welcome = false;  // Whether the coordinator had answered the Hello.
  };
  // Opens a stream and stays until its end.
  ConnectionEnd ServeConnection() ABSL_LOCKS_EXCLUDED(mu_);
  // Whether a stream that ended with `status` must not be opened again; remembers and acts on it.
  bool Refused(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mu_);
  // The next connection's stream, or null if the session is being closed.
  std::shared_ptr<SessionStream> OpenStream() ABSL_LOCKS_EXCLUDED(mu_);
  void Receive(uint64_t connection, v1::CoordinatorMessage message) ABSL_LOCKS_EXCLUDED(mu_);

  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  const SessionOptions options_;
  Mailbox& mailbox_;
  WorkerMetrics& metrics_;
  const uint64_t seed_;  // Of the backoff's jitter.
  Cancellation closing_;

  absl::Mutex mu_;
  v1::Hello hello_ ABSL_GUARDED_BY(mu_);
  uint64_t connection_ ABSL_GUARDED_BY(mu_) = 0;  // Number of the latest.
  bool welcome_ ABSL_GUARDED_BY(mu_) = false;     // On the latest connection.
  bool was_ever_welcome_ ABSL_GUARDED_BY(mu_) = false;
  std::shared_ptr<SessionStream> stream_ ABSL_GUARDED_BY(mu_);  // Null between connections.
  absl::Status refusal_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_SESSION_H_
