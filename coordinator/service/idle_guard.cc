#include "coordinator/service/idle_guard.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpcpp/alarm.h"

namespace outerloop::coordinator {

struct IdleGuard::State {
  State(absl::Duration patience, std::function<void()> on_idle)
      : patience(patience), on_idle(std::move(on_idle)) {}

  // Sets an alarm that holds `self`.
  void Arm(const std::shared_ptr<State>& self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    // One that has rung cannot be set again from within.
    alarm = std::make_unique<grpc::Alarm>();
    alarm->Set(absl::ToChronoTime(absl::Now() + patience), [self](bool rings) {
      absl::MutexLock lock(&self->mu);
      if (rings && !self->stopped) self->Ring(self);
    });
  }

  void Ring(const std::shared_ptr<State>& self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    if (std::exchange(touched, false)) return Arm(self);
    stopped = true;
    on_idle();
  }

  const absl::Duration patience;
  const std::function<void()> on_idle;
  absl::Mutex mu;
  std::unique_ptr<grpc::Alarm> alarm ABSL_GUARDED_BY(mu);
  bool touched ABSL_GUARDED_BY(mu) = false;
  bool stopped ABSL_GUARDED_BY(mu) = false;
};

IdleGuard::IdleGuard(absl::Duration patience, std::function<void()> on_idle)
    : state_(std::make_shared<State>(patience, std::move(on_idle))) {
  absl::MutexLock lock(&state_->mu);
  state_->Arm(state_);
}

IdleGuard::~IdleGuard() {
  absl::MutexLock lock(&state_->mu);
  state_->stopped = true;
  state_->alarm->Cancel();
}

void IdleGuard::Touch() {
  absl::MutexLock lock(&state_->mu);
  state_->touched = true;
}

}  // namespace outerloop::coordinator
