// The state machine, and the rule that nobody is told anything before it is durable.
#ifndef OUTERLOOP_COORDINATOR_CORE_DURABLE_CORE_H_
#define OUTERLOOP_COORDINATOR_CORE_DURABLE_CORE_H_

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/core/core.h"
#include "coordinator/core/effects.h"
#include "coordinator/core/event.h"

namespace outerloop::coordinator {

// What a request comes to.
struct Decision {
  std::vector<Write> durable_first;  // Committed before the event is applied.
  std::optional<Event> event;        // None: there is nothing to do (a repeated request).
  std::string id;                    // The answer: of the job or evaluation.
};
using Decide = std::function<absl::StatusOr<Decision>(const Core&)>;

// Where effects go: a store, the workers' sessions, the clients' board. Calls return when they are
// done, and must not call the DurableCore.
class Edges {
 public:
  virtual ~Edges() = default;
  // All of `writes` become durable together (OK), or none does.
  virtual absl::Status Commit(const std::vector<Write>& writes) = 0;
  virtual void Send(const Core& core, const Message& message) = 0;
  // These jobs, and the list of workers if `workers`, look different, and what they look like is
  // durable.
  virtual void Publish(const Core& core, const std::set<std::string>& jobs, bool workers) = 0;
  // A record that named this file is gone, durably: the file is to go unless another names it.
  virtual void Drop(const std::string& sha256) {}
  // Of every event, before anything else: for logs and counters.
  virtual void Note(const Effects& effects) {}
};

// Applies events and carries their effects out at the edges: writes are committed first, and only
// then are messages sent and changes published, both in order. While the disk refuses writes,
// messages wait and requests are refused; both go on with the first commit that succeeds. Knows no
// clock and no thread, so the engine (service/engine.h) and the simulator (tests/simulation) run
// the same code. Thread-compatible.
class DurableCore {
 public:
  // `edges` must outlive it.
  DurableCore(const CoreOptions& options, Edges& edges) : core_(options), edges_(edges) {}

  const Core& core() const { return core_; }

  // Takes up what the store has. Call once, first. An error if it cannot be made durable.
  absl::Status Restore(const Remembered& remembered, absl::Time now);

  // If a commit fails, the event's messages wait for the next Flush that succeeds.
  void Apply(const Event& event, absl::Time now) { Apply({&event, 1}, now); }
  // The same for several, one after the other, with one commit for all of them.
  void Apply(std::span<const Event> events, absl::Time now);

  // Decides on a request, and returns the decision's id once the event and all that follows from it
  // are durable and published. If `durable_first` cannot be committed, the event never happened. If
  // only what follows cannot, the event has happened: a repeated request finds it.
  absl::StatusOr<std::string> Serve(const Decide& decide, absl::Time now) {
    return Serve({&decide, 1}, now).front();
  }
  // The same for requests that wait together, with one commit for what they ask for and one for
  // what follows, if anything does; only evaluations and checkpoints end a commit. Returns the
  // answers in the order of the requests, each of which was decided on with those before it in
  // mind: a refused one changes nothing for the others. What a commit refuses is refused to all
  // whose answer would have waited for it. The jobs that are submitted join the queue together,
  // after what else was asked for.
  std::vector<absl::StatusOr<std::string>> Serve(std::span<const Decide> requests, absl::Time now);

  // Commits what is pending, then sends what waited and publishes what changed.
  absl::Status Flush();

 private:
  // Requests that are answered with one commit.
  struct Round {
    std::vector<Write> durable_first;
    std::vector<Event> events;  // Applied once those are durable.
    bool empty = true;          // All requests so far were refused.
    bool closed = false;        // Nobody else may join.
  };
  // Decides on a request, which joins `round`. UNAVAILABLE if it is about a job that is submitted
  // in the same round.
  absl::StatusOr<std::string> Join(const Decide& decide, Round& round, absl::Time now);
  // Makes durable what the requests ask for, then lets it happen. An error: refuse them all.
  absl::Status Conclude(const Round& round, absl::Time now);

  // Puts effects with those that are pending.
  void Add(Effects effects);
  // Commits what messages wait for, and sends them.
  void Settle();
  // Commits what is pending, and `writes` after it: the store is always at some moment of the past.
  absl::Status CommitWith(const std::vector<Write>& writes);
  void SendMessages();
  void Publish();

  Core core_;
  Edges& edges_;
  std::vector<Write> pending_;
  bool urgent_ = false;  // `pending_` has writes that `messages_` must wait for.
  std::deque<Message> messages_;
  std::vector<std::string> dropped_files_;
  std::set<std::string> changed_jobs_;
  bool workers_changed_ = false;
};

}  // namespace outerloop::coordinator

#endif  // OUTERLOOP_COORDINATOR_CORE_DURABLE_CORE_H_
