#include "coordinator/service/idle_guard.h"

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

TEST(IdleGuard, RingsOnceNothingComes) {
  absl::Notification rang;
  const IdleGuard guard(absl::Milliseconds(1), [&rang] { rang.Notify(); });
  rang.WaitForNotification();
}

TEST(IdleGuard, DoesNotRingBeforeItsTimeIsOverAgainAfterATouch) {
  absl::Notification rang;
  const absl::Duration patience = absl::Milliseconds(50);
  const absl::Time begin = absl::Now();
  IdleGuard guard(patience, [&rang] { rang.Notify(); });
  guard.Touch();
  rang.WaitForNotification();
  EXPECT_GE(absl::Now() - begin, 2 * patience);  // Never earlier, however slow the machine.
}

TEST(IdleGuard, DoesNotRingOnceItIsGone) {
  bool rang = false;
  {
    const IdleGuard guard(absl::Hours(1), [&rang] { rang = true; });
  }
  EXPECT_FALSE(rang);
}

}  // namespace
}  // namespace outerloop::coordinator
