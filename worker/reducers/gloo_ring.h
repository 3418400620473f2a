// Gloo's ring of TCP connections, with deadlines, an abort, and a status for every exception.
#ifndef OUTERLOOP_WORKER_REDUCERS_GLOO_RING_H_
#define OUTERLOOP_WORKER_REDUCERS_GLOO_RING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "worker/reducers/watchdog.h"

namespace outerloop::worker {

class GlooTransport;

// One member's two connections, with the members of the next and of the previous rank: all that
// Gloo's ring all-reduce needs, so their number does not grow with the group (for two members, both
// are the same). Gloo's rendezvous store is not used: whoever forms the group carries the
// addresses.
//
// Gloo moves data by a thread of its own that sleeps in epoll; nobody polls. Connections are
// neither encrypted nor authenticated, and Gloo ends the process on bytes that are not of its
// protocol: keep the ports inside a trusted network.
//
// Used by one thread, Abort aside. After any error the ring is dead, both connections are closed,
// so that the neighbours learn of it, and every later call fails with the first error.
class GlooRing {
 public:
  // Combines `words` words of 64 bits of `a` and `b`; `out` may be `a`. Commutative.
  using Sum = void (*)(void* out, const void* a, const void* b, size_t words);

  // Listens at `address`, a numeric address of this machine, on free ports. rank < size, size >= 2.
  // UNAVAILABLE if that is impossible. Makes the process ignore SIGPIPE, which Gloo does not do.
  static absl::StatusOr<std::unique_ptr<GlooRing>> Create(const std::string& address, uint32_t rank,
                                                          uint32_t size);
  // Closes the connections. Blocks for some 10 ms, as long as Gloo's thread may sleep.
  ~GlooRing();

  // Addresses for the neighbours(), in Gloo's own format.
  std::string endpoint() const;

  // Connects to the neighbours among `endpoints`, by rank, and checks that they send
  // greetings[rank] of theirs: an address may lead elsewhere, to another machine's loopback or to a
  // later owner of the port. Greetings are of one length, and not empty. Once. Errors as
  // Reducer::Connect has them.
  absl::Status Connect(std::span<const std::string> endpoints,
                       std::span<const std::string> greetings, absl::Time deadline);

  // Replaces `words` by the combination of all members' by `sum`. Errors as Reducer::AllReduce has
  // them; a member that gives another length finds no partner, and all wait until the deadline.
  absl::Status AllReduce(std::span<int64_t> words, Sum sum, absl::Time deadline);

  // Makes a running or later call return ABORTED. From any thread; returns when both connections
  // are closed, within some 20 ms. Idempotent.
  void Abort();

 private:
  class Context;

  GlooRing(std::shared_ptr<GlooTransport> transport, std::shared_ptr<Context> context);

  // Ranks of the previous and the next member; one rank where they are the same.
  std::vector<int> neighbours() const;

  // What Connect does. All throw. AddressFor: where that neighbour listens for this member.
  void ConnectPairs(std::span<const std::string> endpoints);
  std::vector<char> AddressFor(int rank, const std::string& endpoint) const;
  void ExchangeGreetings(std::span<const std::string> greetings);

  // Runs `body` until `deadline`, an abort or an exception.
  absl::Status Run(absl::Time deadline, absl::FunctionRef<void()> body) ABSL_LOCKS_EXCLUDED(mu_);
  // Kills the ring; the first reason is kept.
  void End(const absl::Status& reason) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status end() const ABSL_LOCKS_EXCLUDED(mu_);

  const std::shared_ptr<GlooTransport> transport_;
  const std::shared_ptr<Context> context_;
  bool connected_ = false;
  uint32_t round_ = 0;  // All-reduces so far.

  mutable absl::Mutex mu_;
  absl::Status end_ ABSL_GUARDED_BY(mu_);  // Why the ring is dead.

  Watchdog watchdog_;  // Last: its thread uses what stands above.
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_REDUCERS_GLOO_RING_H_
