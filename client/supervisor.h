// Keeps a program running.
#ifndef OUTERLOOP_CLIENT_SUPERVISOR_H_
#define OUTERLOOP_CLIENT_SUPERVISOR_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "client/child_process.h"
#include "client/restart_policy.h"

namespace outerloop::client {

struct SupervisorOptions {
  std::string name;  // In messages, e.g. "worker-1".
  // The program's path and arguments, asked for before each start.
  std::function<std::vector<std::string>()> command;
  RestartOptions restart = {};
  // Each line of its standard output. Called, like the next two, from the supervisor's thread.
  std::function<void(const std::string& line)> on_line = [](const std::string&) {};
  // It ended and is started again; the text says how and when.
  std::function<void(const std::string& text)> on_restart = [](const std::string&) {};
  // It ended and is not started again; the status says why. Not called after RequestStop.
  std::function<void(const absl::Status& why)> on_give_up = [](const absl::Status&) {};
};

// Runs a program in a thread of its own and starts it again as RestartPolicy says. Thread-safe.
class Supervisor {
 public:
  // Starts at once.
  explicit Supervisor(SupervisorOptions options);
  // Kills the program if it still runs.
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // The program does its work: from here on it is started again however often it ends.
  void MarkReady();

  // Asks the program to end, by SIGTERM; it is not started again. Does not wait.
  void RequestStop();

  // Blocks until the program has ended for good, by RequestStop or because it was given up; kills
  // it at `deadline`.
  void WaitUntilStopped(absl::Time deadline);

 private:
  void Run();
  // One run, up to its end; the status says why it could not be run.
  absl::StatusOr<ChildExit> RunOnce();
  // Whether to go on.
  bool HandleEnd(const absl::StatusOr<ChildExit>& end, absl::Duration ran_for);
  void StopBy(int signal);

  const SupervisorOptions options_;
  absl::Notification stop_;     // Notified by RequestStop.
  absl::Notification stopped_;  // Notified by the thread, last.

  absl::Mutex mutex_;
  RestartPolicy policy_ ABSL_GUARDED_BY(mutex_);
  // What the child gets, now or as soon as there is one; 0: it may run.
  int stop_signal_ ABSL_GUARDED_BY(mutex_) = 0;
  ChildProcess* child_ ABSL_GUARDED_BY(mutex_) = nullptr;  // While it runs.

  std::thread thread_;  // Last: uses all of the above.
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_SUPERVISOR_H_
