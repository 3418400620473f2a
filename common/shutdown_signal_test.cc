#include "common/shutdown_signal.h"

#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

using ::testing::ElementsAre;

// Signals in the order of their coming, to wait for. Thread-safe.
class Received {
 public:
  void Add(int signal) {
    const std::lock_guard lock(mu_);
    signals_.push_back(signal);
    added_.notify_all();
  }
  // Blocks until there are `count`; the test's own time limit is the deadline.
  std::vector<int> AwaitCount(size_t count) {
    std::unique_lock lock(mu_);
    added_.wait(lock, [&] { return signals_.size() >= count; });
    return signals_;
  }

 private:
  std::mutex mu_;
  std::condition_variable added_;
  std::vector<int> signals_;
};

// Leaves no signal pending for the next test.
class ShutdownSignalTest : public testing::Test {
 protected:
  void TearDown() override {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    const timespec at_once = {};
    while (sigtimedwait(&signals, nullptr, &at_once) > 0) {
    }
  }
};

TEST_F(ShutdownSignalTest, CallsBackAtEachSignal) {
  Received received;
  ShutdownSignal signal([&](int number) { received.Add(number); });
  kill(getpid(), SIGTERM);
  EXPECT_THAT(received.AwaitCount(1), ElementsAre(SIGTERM));
  kill(getpid(), SIGINT);
  EXPECT_THAT(received.AwaitCount(2), ElementsAre(SIGTERM, SIGINT));
}

TEST_F(ShutdownSignalTest, EndsWithoutASignalAndWithoutACall) {
  for (int i = 0; i < 200; ++i) {
    ShutdownSignal signal([](int) { FAIL() << "there was no signal"; });
  }
}

TEST_F(ShutdownSignalTest, SurvivesSignalsWhileItEnds) {
  for (int i = 0; i < 200; ++i) {
    ShutdownSignal signal([](int) {});
    kill(getpid(), SIGTERM);
  }
}

TEST_F(ShutdownSignalTest, IsBlockedInThreadsStartedLater) {
  ShutdownSignal signal([](int) {});
  std::thread([] {
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    EXPECT_TRUE(sigismember(&blocked, SIGTERM));
    EXPECT_TRUE(sigismember(&blocked, SIGINT));
  }).join();
}

TEST_F(ShutdownSignalTest, ABrokenPipeIsAnErrorAndNoDeath) {
  ShutdownSignal signal([](int) {});
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
}

}  // namespace
}  // namespace outerloop
