#include "tests/simulation/process.h"

#include <utility>

namespace outerloop::simulation {

void Process::Begin() {
  alive_ = true;
  paused_ = false;
  ++life_;
}

void Process::Die() {
  if (!std::exchange(alive_, false)) return;
  paused_ = false;
  backlog_.clear();
  for (const std::function<void()>& what : std::exchange(on_death_, {})) what();
}

void Process::Continue() {
  paused_ = false;
  timeline_.After(absl::ZeroDuration(), [this, life = life_] {
    if (life == life_) CatchUp();
  });
}

void Process::CatchUp() {
  while (!paused_ && !backlog_.empty()) {
    const std::function<void()> what = std::move(backlog_.front());
    backlog_.pop_front();
    Execute(what);
  }
}

void Process::Run(std::function<void()> what) {
  if (!alive_) return;
  if (paused_ || !backlog_.empty()) {
    backlog_.push_back(std::move(what));
  } else {
    Execute(what);
  }
}

void Process::After(absl::Duration wait, std::function<void()> what) {
  timeline_.After(wait, [this, life = life_, what = std::move(what)]() mutable {
    if (life == life_) Run(std::move(what));
  });
}

}  // namespace outerloop::simulation
