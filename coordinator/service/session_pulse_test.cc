#include "coordinator/service/session_pulse.h"

#include "absl/synchronization/blocking_counter.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

// Waits for so many heartbeats.
class BeatenOutbox : public WorkerOutbox {
 public:
  explicit BeatenOutbox(int beats) : missing_(beats) {}

  void Send(v1::CoordinatorMessage message) override {}
  void Close(const absl::Status& status) override {}
  void Beat() override {
    absl::MutexLock lock(&mu_);
    --missing_;
  }

  bool WaitForBeats() {
    absl::MutexLock lock(&mu_);
    const auto enough = [this] { return missing_ <= 0; };
    return mu_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(30));
  }

 private:
  absl::Mutex mu_;
  int missing_;
};

TEST(SessionPulse, BeatsAgainAndAgainOverEverySession) {
  SessionRegistry sessions;
  BeatenOutbox first(3), second(3);
  sessions.Add(sessions.NewId(), &first);
  sessions.Add(sessions.NewId(), &second);
  const SessionPulse pulse(sessions, absl::Milliseconds(1));
  EXPECT_TRUE(first.WaitForBeats());
  EXPECT_TRUE(second.WaitForBeats());
  sessions.Remove(1);
  sessions.Remove(2);
}

TEST(SessionPulse, EndsAtOnceHoweverLongItsPeriod) {
  SessionRegistry sessions;
  const SessionPulse pulse(sessions, absl::InfiniteDuration());
}

}  // namespace
}  // namespace outerloop::coordinator
