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
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/core/core.h"
#include "coordinator/service/board.h"
#include "coordinator/service/engine_metrics.h"
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
  // Deferred writes are committed, and what they changed is shown, this often.
  absl::Duration flush_period = absl::Milliseconds(100);
  CoreOptions core;
};

// Applies events one by one, makes their writes durable, then sends their messages and publishes
// what changed: nobody is told anything that a kill could undo. While the disk refuses writes,
// messages wait and requests are refused; both go on by themselves once it takes them again.
class Engine {
 public:
  // All but the options must outlive the engine.
  Engine(const EngineOptions& options, Store& store, Board& board, Dispatcher& dispatcher,
         EngineMetrics& metrics);
  ~Engine();

  // Takes up what the store has, and starts the thread. Call once.
  absl::Status Start() ABSL_LOCKS_EXCLUDED(mu_);
  // Applies what was posted before, commits everything, joins the thread. Later posts are dropped,
  // later requests get UNAVAILABLE. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

  // From any thread; returns at once. Events of one thread are applied in order.
  void Post(Event event) ABSL_LOCKS_EXCLUDED(mu_);

  // What a request comes to.
  struct Decision {
    Store::Batch durable_first;  // Committed before the event is applied.
    std::optional<Event> event;  // None: there is nothing to do (a repeated request).
    std::string id;              // For `done`: of the job or evaluation.
  };
  // `decide` and `done` are called by the engine's thread and must not block. `done` gets the
  // decision's id once the event and all that follows from it are durable and published.
  using Decide = std::function<absl::StatusOr<Decision>(const Core&)>;
  using Done = std::function<void(absl::StatusOr<std::string>)>;
  void Request(Decide decide, Done done) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Item {
    Event event;  // If `decide` is empty.
    Decide decide;
    Done done;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Up to the next flush, or when stopping; empty if nothing came.
  std::deque<Item> Take(absl::Time until) ABSL_LOCKS_EXCLUDED(mu_);
  void Handle(Item item);
  void Serve(const Decide& decide, const Done& done);
  void CarryOut(Effects effects);
  void Queue(const Write& write);
  // Commits what is pending and publishes what changed.
  absl::Status Flush();
  void SendMessages();
  void Publish();

  const EngineOptions options_;
  Store& store_;
  Board& board_;
  Dispatcher& dispatcher_;
  EngineMetrics& metrics_;

  // Of the engine's thread.
  Core core_;
  Store::Batch pending_;
  bool urgent_ = false;  // `pending_` has writes that `messages_` must wait for.
  bool storing_ = true;  // The last commit succeeded.
  std::deque<Message> messages_;
  std::set<std::string> changed_jobs_;
  bool workers_changed_ = false;

  absl::Mutex mu_;
  std::deque<Item> inbox_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_SERVICE_ENGINE_H_
