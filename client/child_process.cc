#include "client/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"

namespace outerloop::client {
namespace {

// Read and write end; both are closed by exec.
struct Pipe {
  int read = -1;
  int write = -1;
};

absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return FileError(errno, "pipe", "for a child process");
  return Pipe{ends[0], ends[1]};
}

// In the child, between fork and exec: only what is safe after fork in a process with threads.
[[noreturn]] void Become(char* const* arguments, int output, int failure, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // It died before the line above.
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int input = open("/dev/null", O_RDONLY);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  execv(arguments[0], arguments);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(failure, &error, sizeof(error));
  _exit(127);
}

// The error number that exec failed with, or 0 if the pipe was closed by its success.
int ReadFailure(int fd) {
  int error = 0;
  ssize_t got;
  do {
    got = read(fd, &error, sizeof(error));
  } while (got < 0 && errno == EINTR);
  return got == sizeof(error) ? error : 0;
}

}  // namespace

std::string ChildExit::ToString() const {
  if (signal == 0) return absl::StrCat("exit code ", code);
  return absl::StrCat("signal ", signal, " (", strsignal(signal), ")");
}

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    const std::vector<std::string>& command) {
  auto output = MakePipe();
  if (!output.ok()) return output.status();
  absl::Cleanup close_output = [&] { close(output->read); };
  absl::Cleanup close_output_here = [&] { close(output->write); };
  auto failure = MakePipe();
  if (!failure.ok()) return failure.status();
  absl::Cleanup close_failure = [&] { close(failure->read); };

  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(arguments.data(), output->write, failure->write, parent);
  const int fork_error = errno;
  close(failure->write);
  if (pid < 0) return FileError(fork_error, "fork", command[0]);

  setpgid(pid, pid);  // Whoever of the two comes first.
  if (const int error = ReadFailure(failure->read); error != 0) {
    waitpid(pid, nullptr, 0);
    return FileError(error, "run", command[0]);
  }
  std::move(close_output).Cancel();
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, output->read));
}

ChildProcess::~ChildProcess() {
  Signal(SIGKILL);
  Wait();
  close(output_);
}

void ChildProcess::ReadLines(absl::FunctionRef<void(const std::string&)> on_line) {
  std::string pending;
  char buffer[4096];
  while (true) {
    const ssize_t got = read(output_, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    pending.append(buffer, got);
    for (size_t end; (end = pending.find('\n')) != std::string::npos;) {
      on_line(pending.substr(0, end));
      pending.erase(0, end + 1);
    }
  }
  if (!pending.empty()) on_line(pending);
}

ChildExit ChildProcess::Wait() {
  pid_t pid;
  {
    absl::MutexLock lock(&mutex_);
    pid = pid_;
  }
  if (pid == 0) return ChildExit();
  // Without WNOWAIT its number could be another process's by the time Signal uses it.
  siginfo_t info;
  while (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  absl::MutexLock lock(&mutex_);
  int status = 0;
  waitpid(pid, &status, 0);
  pid_ = 0;
  if (WIFSIGNALED(status)) return {.code = 0, .signal = WTERMSIG(status)};
  return {.code = WEXITSTATUS(status), .signal = 0};
}

void ChildProcess::Signal(int signal) {
  absl::MutexLock lock(&mutex_);
  if (pid_ != 0) kill(-pid_, signal);
}

}  // namespace outerloop::client
