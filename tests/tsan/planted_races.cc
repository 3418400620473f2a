#include "tests/tsan/planted_races.h"

#include <functional>
#include <thread>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

namespace outerloop::tests {
namespace {

void RunBoth(const std::function<void()>& first, const std::function<void()>& second) {
  std::thread thread(first);
  second();
  thread.join();
}

}  // namespace

void AddUnderAMutex(bool racy) {
  int sum = 0;
  absl::Mutex mutex, another;
  const auto add = [&sum](absl::Mutex& mu) {
    const absl::MutexLock lock(&mu);
    ++sum;
  };
  RunBoth([&] { add(mutex); }, [&] { add(racy ? another : mutex); });
}

void AwaitAResult(bool racy) {
  int result = 0;
  absl::Mutex mutex;
  bool ready = false;
  const auto write = [&] {
    if (!racy) result = 1;
    {
      const absl::MutexLock lock(&mutex);
      ready = true;
    }
    if (racy) result = 1;
  };
  RunBoth(write, [&] {
    {
      const absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&ready));
    }
    ++result;
  });
}

void NotifyOfAResult(bool racy) {
  int result = 0;
  absl::Notification ready;
  const auto write = [&] {
    if (!racy) result = 1;
    ready.Notify();
    if (racy) result = 1;
  };
  RunBoth(write, [&] {
    ready.WaitForNotification();
    ++result;
  });
}

void CountDownToResults(bool racy) {
  volatile int results[2] = {};  // Compilers leave no access out.
  absl::BlockingCounter missing(2);
  const auto write = [&](int i) {
    if (!racy) results[i] = 1;
    missing.DecrementCount();
    if (racy) results[i] = 1;
  };
  std::thread first(write, 0), second(write, 1);
  missing.Wait();
  results[0] = results[0] + results[1];
  first.join();
  second.join();
}

}  // namespace outerloop::tests
