// Sums over a group: the seam between a training step and the network that carries it.
#ifndef OUTERLOOP_WORKER_REDUCERS_REDUCER_H_
#define OUTERLOOP_WORKER_REDUCERS_REDUCER_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace outerloop::worker {

// One member of one generation of a group. Back ends give equal bits: they add integers. Used by
// one thread, Abort aside. After any error the reducer is dead: every later call fails.
class Reducer {
 public:
  virtual ~Reducer() = default;

  // What the other members need to reach this one, in the back end's own format; empty if nothing.
  virtual std::string endpoint() const { return ""; }

  // Connects to all members, who call it too. `endpoints` are theirs, by rank. Once, before the
  // first AllReduce. UNAVAILABLE or DEADLINE_EXCEEDED if a member cannot be reached, ABORTED after
  // Abort.
  virtual absl::Status Connect(std::span<const std::string> endpoints, absl::Time deadline) {
    return absl::OkStatus();
  }

  // Sums `words` in place over all members, who call it with the same length and in the same order.
  // UNAVAILABLE if a peer or the way to it is lost, ABORTED if the generation has ended or after
  // Abort, DEADLINE_EXCEEDED at `deadline`; `words` is then undefined.
  virtual absl::Status AllReduce(std::span<int64_t> words, absl::Time deadline) = 0;

  // Makes a running or later AllReduce return ABORTED at once. From any thread. Idempotent.
  virtual void Abort() = 0;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_REDUCER_H_
