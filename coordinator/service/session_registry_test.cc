#include "coordinator/service/session_registry.h"

#include <deque>

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

class CountingOutbox : public WorkerOutbox {
 public:
  void Send(v1::CoordinatorMessage message) override { ++messages; }
  void Beat() override { ++beats; }
  void Close(const absl::Status& status) override {}

  int messages = 0;
  int beats = 0;
};

TEST(SessionRegistryTest, TheSlicesOfAPeriodBeatEverySessionOnce) {
  SessionRegistry sessions;
  std::deque<CountingOutbox> outboxes(23);
  for (CountingOutbox& outbox : outboxes) sessions.Add(sessions.NewId(), &outbox);
  for (uint64_t slice = 0; slice < 4; ++slice) {
    int before = 0, after = 0;
    for (const CountingOutbox& outbox : outboxes) before += outbox.beats;
    sessions.Beat(slice, /*slices=*/4);
    for (const CountingOutbox& outbox : outboxes) after += outbox.beats;
    EXPECT_GE(after - before, 5) << "the heartbeats are spread over the slices";
  }
  for (const CountingOutbox& outbox : outboxes) EXPECT_EQ(outbox.beats, 1);
}

TEST(SessionRegistryTest, AMessageToASessionThatIsGoneIsDropped) {
  SessionRegistry sessions;
  CountingOutbox outbox;
  const SessionId session = sessions.NewId();
  sessions.Add(session, &outbox);
  sessions.Send(session, {});
  sessions.Remove(session);
  sessions.Send(session, {});
  sessions.Beat(session % 2, /*slices=*/2);
  EXPECT_EQ(outbox.messages, 1);
  EXPECT_EQ(outbox.beats, 0);
}

}  // namespace
}  // namespace outerloop::coordinator
