// SIGTERM and SIGINT as something to wait for, instead of handlers that may hardly do anything.
#ifndef OUTERLOOP_COMMON_SHUTDOWN_SIGNAL_H_
#define OUTERLOOP_COMMON_SHUTDOWN_SIGNAL_H_

#include <atomic>
#include <functional>
#include <thread>

namespace outerloop {

// Blocks SIGTERM and SIGINT in this thread and those it starts later, ignores SIGPIPE, and waits
// for the two in a thread of its own with sigwait. Make it first thing in main. One a process. The
// signals stay blocked afterwards, so that one that comes late cannot cut the cleaning up short;
// child processes inherit both settings.
class ShutdownSignal {
 public:
  // `on_signal` is called, with the signal's number, from the waiting thread, at each signal.
  explicit ShutdownSignal(std::function<void(int)> on_signal);
  // Stops waiting. Joins the thread.
  ~ShutdownSignal();
  ShutdownSignal(const ShutdownSignal&) = delete;
  ShutdownSignal& operator=(const ShutdownSignal&) = delete;

 private:
  void Wait();

  const std::function<void(int)> on_signal_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // Last: uses the others.
};

}  // namespace outerloop

#endif  // OUTERLOOP_COMMON_SHUTDOWN_SIGNAL_H_
