#include "worker/reducers/watchdog.h"

#include <atomic>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

TEST(WatchdogTest, BarksWhenTheDeadlinePasses) {
  absl::Notification barked;
  Watchdog dog([&] { barked.Notify(); });
  dog.Set(absl::Now() + absl::Milliseconds(1));
  barked.WaitForNotification();
}

TEST(WatchdogTest, BarksAtOnceForADeadlineOfThePast) {
  absl::Notification barked;
  Watchdog dog([&] { barked.Notify(); });
  dog.Set(absl::InfinitePast());
  barked.WaitForNotification();
}

TEST(WatchdogTest, TakesADeadlineThatComesCloser) {
  absl::Notification barked;
  Watchdog dog([&] { barked.Notify(); });
  dog.Set(absl::Now() + absl::Hours(1));
  dog.Set(absl::Now() + absl::Milliseconds(1));
  barked.WaitForNotification();
}

TEST(WatchdogTest, KeepsStillOnceTheDeadlineIsLifted) {
  std::atomic<int> barks = 0;
  {
    Watchdog dog([&] { ++barks; });
    dog.Set(absl::Now() + absl::Hours(1));
    dog.Lift();
  }
  EXPECT_EQ(barks, 0);
}

TEST(WatchdogTest, BarksOnceForEachDeadline) {
  std::atomic<int> barks = 0;
  absl::Notification first, second;
  Watchdog dog([&] { ++barks == 1 ? first.Notify() : second.Notify(); });
  dog.Set(absl::Now());
  first.WaitForNotification();
  dog.Set(absl::Now());
  second.WaitForNotification();
  EXPECT_EQ(barks, 2);
}

}  // namespace
}  // namespace outerloop::worker
