// A worker's standing with its coordinator.
#ifndef OUTERLOOP_WORKER_SESSION_H_
#define OUTERLOOP_WORKER_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "grpcpp/channel.h"
#include "outerloop/v1/worker_service.grpc.pb.h"
#include "worker/cancellation.h"
#include "worker/progress.h"
#include "worker/session_stream.h"
#include "worker/worker_metrics.h"

namespace outerloop::worker {

struct SessionOptions {
  // Between a lost stream and the next, beside what the channel needs to connect again.
  BackoffOptions backoff = {.initial = absl::Milliseconds(20), .maximum = absl::Seconds(1)};
  absl::Duration heartbeat = absl::Milliseconds(250);
  // A coordinator that sends heartbeats and then nothing for so long is lost.
  absl::Duration lease = absl::Seconds(2);
  // How long Close waits for the coordinator to take note.
  absl::Duration close_timeout = absl::Seconds(2);
  // Of the backoff's jitter: each worker its own.
  uint64_t seed = 0;
  // Called when the coordinator has welcomed this worker, and when it is lost again. Must not
  // block. May be empty.
  std::function<void(bool connected)> on_standing = nullptr;
};

// What a session tells: of each connection OnConnected first, OnConnectionLost last. Calls come
// from the session's thread and from gRPC's, and must not block. What answers a Hello may be
// received before the OnConnected that said it has returned.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  // A stream is open. The first message sent over it must be Hello.
  virtual void OnConnected(uint64_t connection) = 0;
  // Anything but Welcome and heartbeats.
  virtual void OnReceived(uint64_t connection, v1::CoordinatorMessage message) = 0;
  virtual void OnConnectionLost(uint64_t connection) = 0;
  // The coordinator refuses this worker: nothing is tried again.
  virtual void OnRefused() = 0;
};

// Keeps one stream of WorkerService.Session open, and opens another whenever it is lost, for ever.
// Says what the worker is at every 250 ms, in a thread of its own, whatever the others do.
// Connections are counted from 1; what is meant for one is never sent over another. Thread-safe.
class Session {
 public:
  // `progress` and `metrics` must outlive the session.
  Session(std::shared_ptr<grpc::Channel> channel, const Progress& progress, WorkerMetrics& metrics,
          const SessionOptions& options = {});
  // Close.
  ~Session();

  // Starts to connect. Once. `listener` must stay until Close has returned.
  void Open(SessionListener& listener);

  // Sends over that connection; drops the message if it is lost.
  void Send(uint64_t connection, v1::WorkerMessage message) ABSL_LOCKS_EXCLUDED(mu_);

  // Sends what is queued, ends the stream and joins the thread. Blocks for `close_timeout` at most.
  // Returns OK, or why the coordinator refuses this worker: FAILED_PRECONDITION (another protocol
  // version) or INVALID_ARGUMENT.
  absl::Status Close() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct ConnectionEnd {
    absl::Status status;
    bool was_welcome = false;  // Whether the coordinator had answered the Hello.
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Blocks until a coordinator can be reached; false once the session is being closed.
  bool AwaitCoordinator() const;
  // Opens a stream and stays until its end.
  ConnectionEnd ServeConnection() ABSL_LOCKS_EXCLUDED(mu_);
  // That connection's stream, or null if the session is being closed.
  std::shared_ptr<SessionStream> OpenStream(uint64_t connection) ABSL_LOCKS_EXCLUDED(mu_);
  void Receive(uint64_t connection, v1::CoordinatorMessage message) ABSL_LOCKS_EXCLUDED(mu_);
  void NoteStanding(bool connected);
  // Sends a heartbeat. Whether the coordinator has been heard within the lease.
  bool Beat() ABSL_LOCKS_EXCLUDED(mu_);

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  const Progress& progress_;
  WorkerMetrics& metrics_;
  const SessionOptions options_;
  SessionListener* listener_ = nullptr;  // Set before the thread starts.
  Cancellation closing_;
  uint64_t connections_ = 0;  // So far. Of the thread.

  absl::Mutex mu_;  // Never held during calls to the listener.
  std::shared_ptr<SessionStream> stream_ ABSL_GUARDED_BY(mu_);  // Null between connections.
  uint64_t connection_ ABSL_GUARDED_BY(mu_) = 0;                // Number of stream_.
  bool was_ever_welcome_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status refusal_ ABSL_GUARDED_BY(mu_);

  // Of the latest connection.
  bool welcome_ ABSL_GUARDED_BY(mu_) = false;
  bool coordinator_beats_ ABSL_GUARDED_BY(mu_) = false;  // Has sent a heartbeat.
  bool heard_ ABSL_GUARDED_BY(mu_) = false;              // Since our last heartbeat.
  // Of the coordinator, counted in our heartbeats: while this process was stopped it is not to
  // blame.
  absl::Duration silence_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_SESSION_H_
