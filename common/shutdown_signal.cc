#include "common/shutdown_signal.h"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace outerloop {
namespace {

sigset_t ShutdownSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

ShutdownSignal::ShutdownSignal(std::function<void(int)> on_signal)
    : on_signal_(std::move(on_signal)) {
  const sigset_t signals = ShutdownSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { Wait(); });
}

ShutdownSignal::~ShutdownSignal() {
  stopping_ = true;
  // To that thread alone, which has it blocked: it ends the sigwait and reaches nothing else.
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void ShutdownSignal::Wait() {
  const sigset_t signals = ShutdownSignals();
  while (true) {
    int signal = 0;
    const bool got_one = sigwait(&signals, &signal) == 0;
    if (stopping_) return;
    if (got_one) on_signal_(signal);
  }
}

}  // namespace outerloop
