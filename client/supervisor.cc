#include "client/supervisor.h"

#include <csignal>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace outerloop::client {
namespace {

// What a shell says of a program that it cannot run.
constexpr ChildExit kCannotRun{.code = 127, .signal = 0};

}  // namespace

Supervisor::Supervisor(SupervisorOptions options)
    : options_(std::move(options)),
      policy_(options_.restart, std::random_device()()),
      thread_([this] { Run(); }) {}

Supervisor::~Supervisor() {
  RequestStop();
  WaitUntilStopped(absl::InfinitePast());
  thread_.join();
}

void Supervisor::MarkReady() {
  absl::MutexLock lock(&mutex_);
  policy_.AfterReady();
}

void Supervisor::RequestStop() { StopBy(SIGTERM); }

void Supervisor::WaitUntilStopped(absl::Time deadline) {
  if (stopped_.WaitForNotificationWithDeadline(deadline)) return;
  StopBy(SIGKILL);
  stopped_.WaitForNotification();
}

void Supervisor::StopBy(int signal) {
  absl::MutexLock lock(&mutex_);
  if (!stop_.HasBeenNotified()) stop_.Notify();
  stop_signal_ = signal;
  if (child_ != nullptr) child_->Signal(signal);
}

void Supervisor::Run() {
  while (true) {
    const absl::Time started = absl::Now();
    const absl::StatusOr<ChildExit> end = RunOnce();
    if (!HandleEnd(end, absl::Now() - started)) break;
  }
  stopped_.Notify();
}

absl::StatusOr<ChildExit> Supervisor::RunOnce() {
  auto child = ChildProcess::Start(options_.command());
  if (!child.ok()) return child.status();
  {
    absl::MutexLock lock(&mutex_);
    child_ = child->get();
    if (stop_signal_ != 0) child_->Signal(stop_signal_);  // It came before there was a child.
  }
  (*child)->ReadLines(options_.on_line);
  const ChildExit exit = (*child)->Wait();
  absl::MutexLock lock(&mutex_);
  child_ = nullptr;
  return exit;
}

bool Supervisor::HandleEnd(const absl::StatusOr<ChildExit>& end, absl::Duration ran_for) {
  std::string why;
  std::optional<absl::Duration> wait;
  {
    absl::MutexLock lock(&mutex_);
    if (stop_signal_ != 0) return false;
    wait = policy_.AfterExit(end.value_or(kCannotRun), ran_for, why);
  }
  const std::string reason = end.ok() ? end->ToString() : std::string(end.status().message());
  if (!wait.has_value()) {
    options_.on_give_up(absl::FailedPreconditionError(
        absl::StrCat(options_.name, " ", why, end.ok() ? "" : absl::StrCat(": ", reason))));
    return false;
  }
  options_.on_restart(absl::StrFormat("%s ended (%s); starting it again in %.1f s", options_.name,
                                      reason, absl::ToDoubleSeconds(*wait)));
  return !stop_.WaitForNotificationWithTimeout(*wait);
}

}  // namespace outerloop::client
