#include "worker/session.h"

#include <memory>
#include <optional>
#include <string>

#include "common/protocol.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "worker/channel.h"
#include "worker/testing/fake_coordinator.h"

namespace outerloop::worker {
namespace {

SessionOptions Impatient() {
  return {.backoff = {.initial = absl::Milliseconds(1), .maximum = absl::Milliseconds(10)}};
}

v1::CoordinatorMessage Plan(uint64_t step) {
  v1::CoordinatorMessage message;
  message.mutable_step_plan()->set_step(step);
  return message;
}

v1::WorkerMessage Done(uint64_t step) {
  v1::WorkerMessage message;
  message.mutable_step_done()->set_step(step);
  return message;
}

class SessionTest : public testing::Test {
 protected:
  void Open() {
    v1::Hello hello;
    hello.set_protocol_version(kWorkerProtocolVersion);
    hello.set_worker_id("worker-1");
    session_.emplace(coordinator_.NewChannel(), hello, mailbox_, metrics_, Impatient());
  }

  FakeCoordinator coordinator_;
  prometheus::Registry registry_;
  WorkerMetrics metrics_{registry_};
  Mailbox mailbox_;
  std::optional<Session> session_;
};

TEST_F(SessionTest, SaysHelloAndCarriesMessagesBothWays) {
  Open();
  auto& connection = coordinator_.Accept();
  EXPECT_EQ(connection.hello().worker_id(), "worker-1");
  EXPECT_EQ(connection.hello().protocol_version(), kWorkerProtocolVersion);
  EXPECT_FALSE(connection.hello().has_held());

  connection.Send(Plan(7));
  const auto letter = mailbox_.Take();
  ASSERT_TRUE(letter && letter->message);
  EXPECT_EQ(letter->message->step_plan().step(), 7u);
  for (uint64_t step = 1; step <= 50; ++step) session_->Send(letter->connection, Done(step));
  for (uint64_t step = 1; step <= 50; ++step) {
    EXPECT_EQ(connection.Receive().step_done().step(), step);
  }
}

TEST_F(SessionTest, ReconnectsWithTheSameNameAndWhatItHolds) {
  Open();
  auto& first = coordinator_.Accept();
  session_->SetHeld("job", 12);
  first.Break();
  const auto lost = mailbox_.Take();
  ASSERT_TRUE(lost);
  EXPECT_FALSE(lost->message);

  auto& second = coordinator_.Accept();
  EXPECT_EQ(second.hello().worker_id(), "worker-1");
  EXPECT_EQ(second.hello().held().job_id(), "job");
  EXPECT_EQ(second.hello().held().step(), 12u);
  second.Send(Plan(1));
  EXPECT_GT(mailbox_.Take()->connection, lost->connection);
  EXPECT_EQ(metrics_.reconnects.Value(), 1);
}

TEST_F(SessionTest, RemembersTheMetricsOfTheStepsItHolds) {
  Open();
  auto& first = coordinator_.Accept();
  session_->SetHeld("job", 0);
  const auto add = [this](uint64_t step, double loss) {
    v1::StepMetrics metrics;
    metrics.set_step(step);
    metrics.set_loss(loss);
    session_->AddHeldStep(metrics);
  };
  for (uint64_t step : {1, 2, 3}) add(step, 1.0);
  add(2, 5.0);  // Computed again from a checkpoint: takes the place of 2 and 3.
  first.Break();
  const v1::HeldState held = coordinator_.Accept().hello().held();
  EXPECT_EQ(held.step(), 2u);
  ASSERT_EQ(held.recent_size(), 2);
  EXPECT_EQ(held.recent(0).step(), 1u);
  EXPECT_EQ(held.recent(1).step(), 2u);
  EXPECT_EQ(held.recent(1).loss(), 5.0);
}

TEST_F(SessionTest, RemembersNoMoreStepsThanTheProtocolAllows) {
  Open();
  auto& first = coordinator_.Accept();
  session_->SetHeld("job", 0);
  v1::StepMetrics metrics;
  for (uint64_t step = 1; step <= 5'000; ++step) {
    metrics.set_step(step);
    session_->AddHeldStep(metrics);
  }
  first.Break();
  const v1::HeldState held = coordinator_.Accept().hello().held();
  EXPECT_LE(held.recent_size(), 4096);
  ASSERT_GT(held.recent_size(), 0);
  EXPECT_EQ(held.recent(held.recent_size() - 1).step(), 5'000u);
  for (int i = 1; i < held.recent_size(); ++i) {
    ASSERT_EQ(held.recent(i).step(), held.recent(i - 1).step() + 1);
  }
}

TEST_F(SessionTest, NeverSendsOverAConnectionWhatWasMeantForAnother) {
  Open();
  coordinator_.Accept().Break();
  const uint64_t lost = mailbox_.Take()->connection;
  auto& second = coordinator_.Accept();
  second.Send(Plan(1));
  const uint64_t now = mailbox_.Take()->connection;
  session_->Send(lost, Done(1));
  session_->Send(now, Done(2));
  EXPECT_EQ(second.Receive().step_done().step(), 2u);
}

TEST_F(SessionTest, GivesAConnectionUpWhenToldTo) {
  Open();
  auto& first = coordinator_.Accept();
  first.Send(Plan(1));
  const uint64_t connection = mailbox_.Take()->connection;
  session_->Reset(connection + 1, absl::UnavailableError("not this one"));
  session_->Reset(connection, absl::UnavailableError("the group is stuck"));
  first.WaitForEnd();
  auto& second = coordinator_.Accept();
  session_->Reset(connection, absl::UnavailableError("that one is gone already"));
  second.Send(Plan(2));
  EXPECT_FALSE(mailbox_.Take()->message);
  EXPECT_EQ(mailbox_.Take()->message->step_plan().step(), 2u);
}

TEST_F(SessionTest, SendsWhatIsQueuedBeforeItCloses) {
  Open();
  auto& connection = coordinator_.Accept();
  connection.Send(Plan(1));
  const uint64_t number = mailbox_.Take()->connection;
  for (uint64_t step = 1; step <= 20; ++step) session_->Send(number, Done(step));
  EXPECT_TRUE(session_->Close().ok());
  for (uint64_t step = 1; step <= 20; ++step) {
    EXPECT_EQ(connection.Receive().step_done().step(), step);
  }
  connection.WaitForEnd();
}

TEST_F(SessionTest, EndsWithTheCoordinatorsWordsWhenItIsRefused) {
  coordinator_.Refuse({grpc::StatusCode::FAILED_PRECONDITION, "this is protocol 2; upgrade"});
  Open();
  while (mailbox_.Take()) {  // The loss of the connection comes first; then it is closed.
  }
  const absl::Status status = session_->Close();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message(), "this is protocol 2; upgrade");
}

TEST_F(SessionTest, KeepsTryingWhileNobodyIsThere) {
  v1::Hello hello;
  Session session(MakeCoordinatorChannel("localhost:1"), hello, mailbox_, metrics_, Impatient());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(mailbox_.Take()->message);
  EXPECT_TRUE(session.Close().ok());
}

}  // namespace
}  // namespace outerloop::worker
