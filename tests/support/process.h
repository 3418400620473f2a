// A child process of a test.
#ifndef OUTERLOOP_TESTS_SUPPORT_PROCESS_H_
#define OUTERLOOP_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace outerloop::tests {

// Started by the constructor, killed by the destructor if it still runs; it dies with the test,
// too. Its standard output can be read line by line, its standard error goes to a file. Not
// thread-safe.
class Process {
 public:
  // `arguments[0]` is the program. Aborts the test program if it cannot be started.
  Process(const std::vector<std::string>& arguments, const std::string& error_file);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  // The rest of the first line of standard output that begins with `prefix`; "" if the output ends
  // or a minute passes before one comes.
  std::string AwaitLine(const std::string& prefix);
  // All of standard output that has not been read, up to its end.
  std::string ReadAll();

  void Signal(int signal) const;
  // Waits for its end: the exit status, or 128 + the signal that ended it, or -1 if it still runs
  // at the end of `patience`.
  int Wait(absl::Duration patience = absl::Minutes(5));
  // SIGKILL, and waits. Nothing if it has ended.
  void Kill();
  bool running();

 private:
  bool Reap(bool block);

  pid_t pid_ = -1;
  int output_ = -1;
  std::string unread_;
  int status_ = -1;  // As Wait says, once it has ended.
};

// How a program ended by itself.
struct Ending {
  int code;
  std::string out;     // Its standard output.
  std::string output;  // The same, and standard error after it.
};
Ending RunToEnd(const std::vector<std::string>& arguments);

}  // namespace outerloop::tests

#endif  // OUTERLOOP_TESTS_SUPPORT_PROCESS_H_
