#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "common/test_folder.h"

namespace outerloop::tests {
namespace {

constexpr absl::Duration kLinePatience = absl::Minutes(1);

[[noreturn]] void Exec(const std::vector<std::string>& arguments, int output,
                       const std::string& error_file) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int error = open(error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(output, STDOUT_FILENO);
  dup2(error, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  std::perror(argv[0]);
  _exit(127);
}

int PollMs(absl::Time deadline) {
  return static_cast<int>(
      absl::ToInt64Milliseconds(std::max(deadline - absl::Now(), absl::ZeroDuration())));
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::string& error_file) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) std::abort();
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0) Exec(arguments, pipe_ends[1], error_file);
  close(pipe_ends[1]);
  output_ = pipe_ends[0];
}

Process::~Process() {
  if (running()) Kill();
  close(output_);
}

std::string Process::AwaitLine(const std::string& prefix) {
  const absl::Time deadline = absl::Now() + kLinePatience;
  while (true) {
    for (size_t end; (end = unread_.find('\n')) != std::string::npos;) {
      const std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      if (absl::StartsWith(line, prefix)) return line.substr(prefix.size());
    }
    pollfd poll_output{output_, POLLIN, 0};
    if (poll(&poll_output, 1, PollMs(deadline)) <= 0) return "";
    char buffer[4096];
    const ssize_t size = read(output_, buffer, sizeof(buffer));
    if (size <= 0) return "";
    unread_.append(buffer, size);
  }
}

std::string Process::ReadAll() {
  char buffer[4096];
  for (ssize_t size; (size = read(output_, buffer, sizeof(buffer))) > 0;) {
    unread_.append(buffer, size);
  }
  return std::exchange(unread_, "");
}

void Process::Signal(int signal) const { kill(pid_, signal); }

bool Process::Reap(bool block) {
  if (status_ >= 0) return true;
  int status = 0;
  if (waitpid(pid_, &status, block ? 0 : WNOHANG) != pid_) return false;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

int Process::Wait(absl::Duration patience) {
  if (Reap(/*block=*/false)) return status_;
  // A pidfd becomes readable when the process ends.
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  pollfd poll_end{pidfd, POLLIN, 0};
  const int ended = poll(&poll_end, 1, PollMs(absl::Now() + patience));
  close(pidfd);
  return ended == 1 && Reap(/*block=*/true) ? status_ : -1;
}

void Process::Kill() {
  if (!running()) return;
  Signal(SIGKILL);
  Reap(/*block=*/true);
}

bool Process::running() { return !Reap(/*block=*/false); }

Ending RunToEnd(const std::vector<std::string>& arguments) {
  const TestFolder folder;
  Process process(arguments, folder / "stderr");
  const std::string out = process.ReadAll();
  const int code = process.Wait();
  std::ifstream errors(folder / "stderr");
  return {code, out, out + std::string(std::istreambuf_iterator<char>(errors), {})};
}

}  // namespace outerloop::tests
