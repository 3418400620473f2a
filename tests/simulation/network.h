// The simulated network between the workers, the clients and the coordinator.
#ifndef OUTERLOOP_TESTS_SIMULATION_NETWORK_H_
#define OUTERLOOP_TESTS_SIMULATION_NETWORK_H_

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/simulation/process.h"
#include "tests/simulation/random.h"
#include "tests/simulation/timeline.h"

namespace outerloop::simulation {

// The two ends of a link, a stream or a call.
enum Side { kClient = 0, kServer = 1 };
inline Side Other(Side side) { return side == kClient ? kServer : kClient; }

// Whether a call that ended so is made again.
inline bool IsWorthRetrying(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

// The way between two machines. What is sent while a direction is blocked arrives after that, as
// TCP would have it. Thread-compatible.
class Link {
 public:
  Link(Timeline& timeline, uint64_t seed) : timeline_(timeline), random_(seed) {}

  // How long what `from` sends now is under way, blockages aside.
  absl::Duration Delay(Side from);
  // Lets nothing from this side through until then.
  void Block(Side from, absl::Time until) { blocked_until_[from] = until; }
  absl::Time blocked_until(Side from) const { return blocked_until_[from]; }
  bool blocked(Side from) const { return blocked_until_[from] > timeline_.now(); }
  // Some of what is sent until then takes this long.
  void SlowDown(absl::Duration delay, absl::Time until);

  Timeline& timeline() { return timeline_; }
  Random& random() { return random_; }

 private:
  Timeline& timeline_;
  Random random_;
  std::array<absl::Time, 2> blocked_until_ = {absl::InfinitePast(), absl::InfinitePast()};
  absl::Duration slow_delay_;
  absl::Time slow_until_ = absl::InfinitePast();
};

// A connection. What one end sends arrives at the other in order, unless the stream breaks. Each
// end is told once that the stream has ended, if it learns of it at all, and gets nothing after
// that. Thread-compatible.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using OnEnd = std::function<void(const absl::Status&)>;

  // `ends` are the processes at the ends. The stream ends with either of them.
  static std::shared_ptr<Stream> Make(Link& link, Process& client, Process& server);

  // What an end does when it learns that the stream has ended.
  void SetOnEnd(Side side, OnEnd on_end) { ends_[side].on_end = std::move(on_end); }

  // `arrive` runs at the other end. The stream keeps it until then, so it must not own the stream.
  void Send(Side from, std::function<void()> arrive);
  // In good order: the other end learns of it after all that was sent before. This end is done.
  void Close(Side from, const absl::Status& status);
  // At once: what is under way is lost. Each end learns of it after so long; InfiniteDuration:
  // never.
  void Break(absl::Duration client_notices, absl::Duration server_notices);
  // This end gives up on it: as Break, but it is not told itself.
  void GiveUp(Side side, absl::Duration other_notices);

  bool open(Side side) const { return !ends_[side].ended; }

 private:
  struct Letter {
    absl::Time arrives;
    std::function<void()> what;  // Empty: the end of the stream.
    absl::Status end = absl::OkStatus();
  };
  struct End {
    Process* process = nullptr;
    uint64_t life = 0;
    bool ended = false;
    OnEnd on_end;
    std::deque<Letter> incoming;
  };

  explicit Stream(Link& link) : link_(link) {}
  void Put(Side to, Letter letter);
  void Deliver(Side to);
  void Tell(Side side, const absl::Status& status);
  void TellAfter(Side side, absl::Duration wait, const absl::Status& status);
  void Died(Side side);

  Link& link_;
  bool broken_ = false;  // Nothing passes any more.
  std::array<End, 2> ends_;
};

// What a call over a link comes to: the server's answer, UNAVAILABLE if it dies or is not there,
// DEADLINE_EXCEEDED. A request may be executed although its caller has given up on it, and, if
// `may_repeat`, twice.
struct CallOptions {
  absl::Duration deadline = absl::Seconds(10);
  bool may_repeat = false;
};

template <typename T>
using Reply = std::function<void(absl::StatusOr<T>)>;

// `serve` runs at the server and replies, now or later; `done` runs at the caller, once.
template <typename T>
void Call(Link& link, Process& caller, Process& server, const CallOptions& options,
          std::function<void(Reply<T>)> serve, Reply<T> done) {
  auto answered = std::make_shared<bool>(false);
  const Reply<T> finish = [answered, done = std::move(done)](absl::StatusOr<T> result) {
    if (!std::exchange(*answered, true)) done(std::move(result));
  };
  // Arrives at the caller after the way back.
  const auto back = [&link, &caller, life = caller.life(), finish](absl::StatusOr<T> result) {
    const absl::Time open = std::max(link.timeline().now(), link.blocked_until(kServer));
    link.timeline().At(open + link.Delay(kServer), [&caller, life, finish, result] {
      if (caller.life() == life) caller.Run([finish, result] { finish(result); });
    });
  };
  const auto request = [&server, back, serve = std::move(serve)] {
    if (!server.alive()) return back(absl::UnavailableError("connection refused"));
    server.OnDeath([back] { back(absl::UnavailableError("connection reset")); });
    server.Run([serve, back] { serve(back); });
  };
  caller.After(options.deadline,
               [finish] { finish(absl::DeadlineExceededError("no answer in time")); });
  const absl::Time open = std::max(link.timeline().now(), link.blocked_until(kClient));
  link.timeline().At(open + link.Delay(kClient), request);
  if (options.may_repeat && link.random().Chance(0.05)) {
    link.timeline().At(open + link.Delay(kClient) + absl::Milliseconds(100), request);
  }
}

}  // namespace outerloop::simulation

#endif  // OUTERLOOP_TESTS_SIMULATION_NETWORK_H_
