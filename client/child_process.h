// One run of another program.
#ifndef OUTERLOOP_CLIENT_CHILD_PROCESS_H_
#define OUTERLOOP_CLIENT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace outerloop::client {

// How a process ended.
struct ChildExit {
  int code = 0;    // What it returned, if no signal ended it.
  int signal = 0;  // What ended it; 0 if it returned.

  // "exit code 1", "signal 9 (Killed)".
  std::string ToString() const;
};

// A child whose standard output is read here; standard input is empty and standard error shared. It
// leads a process group of its own, so that a Ctrl-C in the terminal reaches only its parent, and
// it is killed when the thread that started it ends, however that comes about.
//
// Signal may be called from any thread; the rest by one.
class ChildProcess {
 public:
  // `command` is a program's path and its arguments. Started with no signal blocked or ignored. The
  // status says why if the program cannot be run.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      const std::vector<std::string>& command);
  // Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Calls `on_line` with each line of its output, without line end, until it closes that. Blocks.
  void ReadLines(absl::FunctionRef<void(const std::string&)> on_line);

  // Blocks until it has ended. Call once.
  ChildExit Wait();

  // To it and its whole group. Without effect once Wait has returned.
  void Signal(int signal);

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}

  absl::Mutex mutex_;
  pid_t pid_ ABSL_GUARDED_BY(mutex_);  // 0 once it has been waited for.
  const int output_;                   // Read end of its standard output.
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_CHILD_PROCESS_H_
