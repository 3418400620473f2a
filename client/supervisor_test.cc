#include "client/supervisor.h"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::HasSubstr;

// What a supervisor's thread reports, to be waited for. Expiry fails the test instead of hanging
// it.
class Reports {
 public:
  void Add(const std::string& text) {
    absl::MutexLock lock(&mutex_);
    texts_.push_back(text);
  }

  // The n-th report, counted from 0; "" if it does not come.
  std::string Await(size_t n) {
    absl::MutexLock lock(&mutex_);
    const auto is_there = [this, n]()
                              ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return texts_.size() > n; };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&is_there), absl::Seconds(30))) return "";
    return texts_[n];
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> texts_ ABSL_GUARDED_BY(mutex_);
};

constexpr BackoffOptions kShort{.initial = absl::Milliseconds(1), .maximum = absl::Milliseconds(2)};

absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

class SupervisorTest : public testing::Test {
 protected:
  SupervisorOptions Shell(const std::string& script) {
    return {.name = "child",
            .command =
                [script] {
                  return std::vector<std::string>{"/bin/sh", "-c", script};
                },
            .restart = {.max_failures = 0, .backoff = kShort},
            .on_line = [this](const std::string& line) { lines_.Add(line); },
            .on_restart = [this](const std::string& text) { restarts_.Add(text); },
            .on_give_up =
                [this](const absl::Status& why) { failures_.Add(std::string(why.message())); }};
  }

  Reports lines_;
  Reports restarts_;
  Reports failures_;
};

TEST_F(SupervisorTest, PassesLinesOnAndStartsAgainWhateverTheExitCode) {
  Supervisor supervisor(Shell("echo one; printf two; exit 0"));
  EXPECT_EQ(lines_.Await(0), "one");
  EXPECT_EQ(lines_.Await(1), "two");
  EXPECT_EQ(lines_.Await(2), "one");
  EXPECT_THAT(restarts_.Await(0), HasSubstr("child ended (exit code 0); starting it again in 0.0"));
}

TEST_F(SupervisorTest, StartsAChildThatWasKilledAgain) {
  Supervisor supervisor(Shell("echo $$; exec sleep 1000"));
  int pid = 0;
  ASSERT_TRUE(absl::SimpleAtoi(lines_.Await(0), &pid));
  ASSERT_EQ(kill(pid, SIGKILL), 0);
  int next = 0;
  ASSERT_TRUE(absl::SimpleAtoi(lines_.Await(1), &next));
  EXPECT_NE(next, pid);
  EXPECT_THAT(restarts_.Await(0), HasSubstr("signal 9"));
}

TEST_F(SupervisorTest, GivesUpOnAWrongConfiguration) {
  Supervisor supervisor(Shell("exit 2"));
  EXPECT_EQ(failures_.Await(0), "child cannot work with its configuration (exit code 2)");
  supervisor.WaitUntilStopped(Soon());
}

TEST_F(SupervisorTest, GivesUpAfterTooManyFailures) {
  SupervisorOptions options = Shell("exit 1");
  options.restart.max_failures = 5;
  Supervisor supervisor(options);
  EXPECT_EQ(failures_.Await(0),
            "child ended 5 times before it was ready, the last time with exit code 1");
}

TEST_F(SupervisorTest, GivesUpOnAProgramThatIsNotThere) {
  SupervisorOptions options = Shell("");
  options.command = [] { return std::vector<std::string>{"/no/such/program"}; };
  options.restart.max_failures = 2;
  Supervisor supervisor(options);
  EXPECT_THAT(failures_.Await(0), HasSubstr("/no/such/program"));
}

TEST_F(SupervisorTest, StopsBySigtermAndDoesNotStartAgain) {
  Supervisor supervisor(
      Shell("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 1; done"));
  ASSERT_EQ(lines_.Await(0), "ready");
  supervisor.RequestStop();
  supervisor.WaitUntilStopped(Soon());
  EXPECT_EQ(lines_.Await(1), "bye");
}

TEST_F(SupervisorTest, KillsAtTheDeadlineWhatIgnoresSigterm) {
  Supervisor supervisor(Shell("trap '' TERM; echo $$; while :; do sleep 1; done"));
  int pid = 0;
  ASSERT_TRUE(absl::SimpleAtoi(lines_.Await(0), &pid));
  supervisor.RequestStop();
  supervisor.WaitUntilStopped(absl::Now());
  EXPECT_NE(kill(pid, 0), 0);
}

TEST_F(SupervisorTest, StopsWhileItWaitsToStartAgain) {
  SupervisorOptions options = Shell("exit 1");
  options.restart.backoff = {.initial = absl::Hours(1), .maximum = absl::Hours(1)};
  Supervisor supervisor(options);
  restarts_.Await(0);
  supervisor.RequestStop();
  supervisor.WaitUntilStopped(Soon());
}

TEST_F(SupervisorTest, AsksForTheCommandBeforeEachStart) {
  SupervisorOptions options = Shell("");
  options.command = [n = 0]() mutable {
    return std::vector<std::string>{"/bin/echo", "run", std::to_string(++n)};
  };
  Supervisor supervisor(options);
  EXPECT_EQ(lines_.Await(0), "run 1");
  EXPECT_EQ(lines_.Await(1), "run 2");
}

TEST_F(SupervisorTest, LeavesNoChildBehindWhenItsOwnProcessIsKilled) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const auto child = ChildProcess::Start({"/bin/sh", "-c", "echo $$; exec sleep 1000"});
    (*child)->ReadLines([&](const std::string& line) {
      [[maybe_unused]] const ssize_t n = write(ready[1], line.c_str(), line.size() + 1);
    });
    _exit(0);
  }
  char text[32] = {};
  ASSERT_GT(read(ready[0], text, sizeof(text) - 1), 0);
  int pid = 0;
  ASSERT_TRUE(absl::SimpleAtoi(text, &pid));
  kill(parent, SIGKILL);
  // The child holds the pipe's write end: its death is the end of file.
  close(ready[1]);
  pollfd closed{.fd = ready[0], .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&closed, 1, /*timeout=*/30'000), 1);
  kill(pid, SIGKILL);
}

}  // namespace
}  // namespace outerloop::client
