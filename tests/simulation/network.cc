#include "tests/simulation/network.h"

#include <algorithm>

namespace outerloop::simulation {
namespace {

// Of a packet that was lost and sent again.
constexpr double kRetransmitted = 0.01;

}  // namespace

absl::Duration Link::Delay(Side from) {
  if (timeline_.now() < slow_until_ && random_.Chance(0.3)) {
    return random_.Between(absl::ZeroDuration(), slow_delay_);
  }
  if (random_.Chance(kRetransmitted)) {
    return random_.Between(absl::Milliseconds(20), absl::Milliseconds(250));
  }
  return random_.Between(absl::Microseconds(100), absl::Microseconds(1500));
}

void Link::SlowDown(absl::Duration delay, absl::Time until) {
  slow_delay_ = delay;
  slow_until_ = until;
}

std::shared_ptr<Stream> Stream::Make(Link& link, Process& client, Process& server) {
  std::shared_ptr<Stream> stream(new Stream(link));
  stream->ends_[kClient].process = &client;
  stream->ends_[kServer].process = &server;
  for (const Side side : {kClient, kServer}) {
    Process& process = *stream->ends_[side].process;
    stream->ends_[side].life = process.life();
    process.OnDeath([stream, side] { stream->Died(side); });
  }
  return stream;
}

void Stream::Send(Side from, std::function<void()> arrive) {
  if (ends_[from].ended) return;
  Put(Other(from), {link_.timeline().now() + link_.Delay(from), std::move(arrive)});
}

void Stream::Close(Side from, const absl::Status& status) {
  if (ends_[from].ended) return;
  ends_[from].ended = true;
  Put(Other(from), {link_.timeline().now() + link_.Delay(from), nullptr, status});
}

void Stream::Break(absl::Duration client_notices, absl::Duration server_notices) {
  const absl::Status status = absl::UnavailableError("connection lost");
  broken_ = true;
  ends_[kClient].incoming.clear();
  ends_[kServer].incoming.clear();
  TellAfter(kClient, client_notices, status);
  TellAfter(kServer, server_notices, status);
}

void Stream::GiveUp(Side side, absl::Duration other_notices) {
  if (std::exchange(ends_[side].ended, true)) return;
  broken_ = true;
  ends_[side].incoming.clear();
  TellAfter(Other(side), other_notices, absl::CancelledError("the other end has given up"));
}

void Stream::Put(Side to, Letter letter) {
  End& end = ends_[to];
  if (end.ended || broken_) return;
  if (!end.incoming.empty()) letter.arrives = std::max(letter.arrives, end.incoming.back().arrives);
  end.incoming.push_back(std::move(letter));
  link_.timeline().At(end.incoming.back().arrives,
                      [self = shared_from_this(), to] { self->Deliver(to); });
}

void Stream::Deliver(Side to) {
  End& end = ends_[to];
  const absl::Time now = link_.timeline().now();
  if (link_.blocked(Other(to))) {
    if (!end.incoming.empty()) {
      link_.timeline().At(link_.blocked_until(Other(to)),
                          [self = shared_from_this(), to] { self->Deliver(to); });
    }
    return;
  }
  while (!end.ended && !end.incoming.empty() && end.incoming.front().arrives <= now) {
    const Letter letter = std::move(end.incoming.front());
    end.incoming.pop_front();
    if (letter.what == nullptr) return Tell(to, letter.end);
    // It may wait in a paused process until after the stream's end.
    if (end.process->life() != end.life) return;
    end.process->Run([self = shared_from_this(), to, what = letter.what] {
      if (!self->ends_[to].ended) what();
    });
  }
}

void Stream::Tell(Side side, const absl::Status& status) {
  End& end = ends_[side];
  if (end.ended || end.process->life() != end.life) return;
  end.process->Run([self = shared_from_this(), side, status] {
    End& end = self->ends_[side];
    if (std::exchange(end.ended, true)) return;
    end.incoming.clear();
    if (end.on_end != nullptr) end.on_end(status);
  });
}

void Stream::TellAfter(Side side, absl::Duration wait, const absl::Status& status) {
  if (wait == absl::InfiniteDuration()) return;
  link_.timeline().After(wait,
                         [self = shared_from_this(), side, status] { self->Tell(side, status); });
}

void Stream::Died(Side side) {
  // The kernel says so, after what the process had sent.
  Close(side, absl::UnavailableError("connection reset"));
}

}  // namespace outerloop::simulation
