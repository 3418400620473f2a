// The thread that owns the state machine.
#ifndef OUTERLOOP_COORDINATOR_SERVICE_ENGINE_H_
#define OUTERLOOP_COORDINATOR_SERVICE_ENGINE_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/core/durable_core.h"
#include "coordinator/service/board.h"
#include "coordinator/service/engine_metrics.h"
#include "coordinator/store/blob_collector.h"
#include "coordinator/store/store.h"

namespace outerloop::coordinator {

// Carries the state machine's messages to the workers. Called by the engine's thread only.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  // `core` is what the message speaks of. A session that is gone takes its messages with it: OK. An
  // error means that the message cannot be made (a data set's file is unreadable, say): the job of
  // the message fails with it.
  virtual absl::Status Dispatch(const Core& core, const Message& message) = 0;
};

struct EngineOptions {
  // Deferred writes are committed, and what they changed and the list of workers are shown, this
  // often.
  absl::Duration flush_period = absl::Milliseconds(100);
  CoreOptions core;
};

// Applies events in order and carries their effects out, under the rule of DurableCore: nobody is
// told anything that a kill could undo. While the disk refuses writes, messages wait and requests
// are refused; both go on by themselves once it takes them again.
class Engine : private Edges {
 public:
  // All but the options must outlive the engine.
  Engine(const EngineOptions& options, Store& store, const BlobCollector& collector, Board& board,
         Dispatcher& dispatcher, EngineMetrics& metrics);
  ~Engine() override;

  // Takes up what the store has, and starts the thread. Call once.
  absl::Status Start() ABSL_LOCKS_EXCLUDED(mu_);
  // Applies what was posted before, commits everything, joins the thread. Later posts are dropped,
  // later requests get UNAVAILABLE. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

  // From any thread; returns at once. Events of one thread are applied in order, but for
  // heartbeats: those wait for the next flush, and of each session only the latest is applied.
  void Post(Event event) ABSL_LOCKS_EXCLUDED(mu_);

  // `decide` and `done` are called by the engine's thread and must not block. `done` gets what
  // DurableCore::Serve returns. Requests that wait together are served together, in the order in
  // which they came, after the events that came meanwhile.
  using Done = std::function<void(absl::StatusOr<std::string>)>;
  void Request(Decide decide, Done done) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Item {
    Event event;  // If `decide` is empty.
    Decide decide;
    Done done;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // What is done once a flush period: heartbeats, the time, deferred writes, slow-changing views.
  void Flush() ABSL_LOCKS_EXCLUDED(mu_);
  // Up to the next flush, or when stopping; empty if nothing came.
  std::deque<Item> Take(absl::Time until) ABSL_LOCKS_EXCLUDED(mu_);
  void Handle(std::deque<Item> items);
  void Serve(std::vector<Item> requests);

  // Edges
  absl::Status Commit(const std::vector<Write>& writes) override;
  void Send(const Core& core, const Message& message) override ABSL_LOCKS_EXCLUDED(mu_);
  void Publish(const Core& core, const std::set<std::string>& jobs, bool workers) override;
  void Drop(const std::string& sha256) override;
  void Note(const Effects& effects) override;

  const EngineOptions options_;
  Store& store_;
  const BlobCollector& collector_;
  Board& board_;
  Dispatcher& dispatcher_;
  EngineMetrics& metrics_;

  // Of the engine's thread.
  DurableCore core_;
  bool storing_ = true;  // The last commit succeeded.
  // Shown by the flush: the list of workers and the gauges take as long as there are workers and
  // jobs, too long for every change.
  bool jobs_changed_ = false;
  bool workers_changed_ = false;

  absl::Mutex mu_;
  std::deque<Item> inbox_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<SessionId, HeartbeatReceived> heartbeats_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_ENGINE_H_
