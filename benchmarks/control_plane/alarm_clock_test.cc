#include "benchmarks/control_plane/alarm_clock.h"

#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace outerloop::control_plane {
namespace {

TEST(AlarmClockTest, CallsInTheOrderOfTimesNotOfRequests) {
  std::vector<int> called;
  absl::Notification last;
  AlarmClock clock;
  const absl::Time start = absl::Now();
  clock.At(start + absl::Milliseconds(30), [&] {
    called.push_back(3);
    last.Notify();
  });
  clock.At(start + absl::Milliseconds(10), [&] { called.push_back(1); });
  clock.At(start + absl::Milliseconds(20), [&] { called.push_back(2); });
  last.WaitForNotification();
  clock.Stop();
  EXPECT_EQ(called, (std::vector<int>{1, 2, 3}));
}

TEST(AlarmClockTest, NeverCallsBeforeTheTime) {
  absl::Time called;
  absl::Notification done;
  AlarmClock clock;
  const absl::Time time = absl::Now() + absl::Milliseconds(20);
  clock.At(time, [&] {
    called = absl::Now();
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_GE(called, time);
}

TEST(AlarmClockTest, ACallMayAskForAnother) {
  absl::Notification done;
  AlarmClock clock;
  clock.At(absl::InfinitePast(), [&] { clock.At(absl::InfinitePast(), [&] { done.Notify(); }); });
  done.WaitForNotification();
}

TEST(AlarmClockTest, StopDropsWhatIsOutstanding) {
  bool called = false;
  AlarmClock clock;
  clock.At(absl::InfiniteFuture(), [&] { called = true; });
  clock.Stop();
  clock.At(absl::InfinitePast(), [&] { called = true; });
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace outerloop::control_plane
