#include "worker/session.h"

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "worker/channel.h"
#include "worker/testing/fake_coordinator.h"

namespace outerloop::worker {
namespace {

SessionOptions Impatient() {
  return {.backoff = {.initial = absl::Milliseconds(1), .maximum = absl::Milliseconds(10)},
          .heartbeat = absl::Milliseconds(5)};
}

v1::CoordinatorMessage Plan(uint64_t step) {
  v1::CoordinatorMessage message;
  message.mutable_step_plan()->set_step(step);
  return message;
}

v1::CoordinatorMessage CoordinatorHeartbeat() {
  v1::CoordinatorMessage message;
  message.mutable_heartbeat();
  return message;
}

v1::WorkerMessage Hello() {
  v1::WorkerMessage message;
  message.mutable_hello()->set_worker_id("worker-1");
  return message;
}

v1::WorkerMessage Done(uint64_t step) {
  v1::WorkerMessage message;
  message.mutable_step_done()->set_step(step);
  return message;
}

// What a session told.
struct Note {
  enum Kind { kConnected, kReceived, kLost, kRefused } kind;
  uint64_t connection = 0;
  v1::CoordinatorMessage message = {};
};

// Says Hello over every connection, and keeps what it is told. Thread-safe.
class Listener final : public SessionListener {
 public:
  explicit Listener(Session& session) : session_(session) {}

  // The next note. Blocks.
  Note Next() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    const auto has_note = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !notes_.empty(); };
    mu_.Await(absl::Condition(&has_note));
    Note note = std::move(notes_.front());
    notes_.pop_front();
    return note;
  }

  void OnConnected(uint64_t connection) override {
    Add({Note::kConnected, connection});
    session_.Send(connection, Hello());
  }
  void OnReceived(uint64_t connection, v1::CoordinatorMessage message) override {
    Add({Note::kReceived, connection, std::move(message)});
  }
  void OnConnectionLost(uint64_t connection) override { Add({Note::kLost, connection}); }
  void OnRefused() override { Add({Note::kRefused}); }

 private:
  void Add(Note note) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    notes_.push_back(std::move(note));
  }

  Session& session_;
  absl::Mutex mu_;
  std::deque<Note> notes_ ABSL_GUARDED_BY(mu_);
};

class SessionTest : public testing::Test {
 protected:
  void Open(const SessionOptions& options = Impatient()) {
    session_.emplace(coordinator_.NewChannel(), progress_, metrics_, options);
    listener_.emplace(*session_);
    session_->Open(*listener_);
  }
  // The number of the next connection.
  uint64_t NextConnection() {
    const Note note = listener_->Next();
    EXPECT_EQ(note.kind, Note::kConnected);
    return note.connection;
  }

  FakeCoordinator coordinator_;
  prometheus::Registry registry_;
  WorkerMetrics metrics_{registry_};
  Progress progress_;
  std::optional<Session> session_;
  std::optional<Listener> listener_;

  ~SessionTest() override { session_.reset(); }  // Before its listener.
};

TEST_F(SessionTest, CarriesMessagesBothWaysInOrder) {
  Open();
  auto& connection = coordinator_.Accept();
  EXPECT_EQ(connection.hello().worker_id(), "worker-1");
  const uint64_t number = NextConnection();
  for (uint64_t step = 1; step <= 50; ++step) connection.Send(Plan(step));
  for (uint64_t step = 1; step <= 50; ++step) {
    const Note note = listener_->Next();
    EXPECT_EQ(note.connection, number);
    EXPECT_EQ(note.message.step_plan().step(), step);
    session_->Send(number, Done(step));
  }
  for (uint64_t step = 1; step <= 50; ++step) {
    EXPECT_EQ(connection.Receive().step_done().step(), step);
  }
}

TEST_F(SessionTest, ReconnectsWheneverTheConnectionIsLost) {
  Open();
  coordinator_.Accept().Break();
  const uint64_t first = NextConnection();
  const Note lost = listener_->Next();
  EXPECT_EQ(lost.kind, Note::kLost);
  EXPECT_EQ(lost.connection, first);
  coordinator_.Accept().Send(Plan(1));
  EXPECT_GT(NextConnection(), first);
  EXPECT_EQ(listener_->Next().kind, Note::kReceived);  // After the Welcome.
  EXPECT_EQ(metrics_.reconnects.Value(), 1);
}

TEST_F(SessionTest, NeverSendsOverAConnectionWhatWasMeantForAnother) {
  Open();
  coordinator_.Accept().Break();
  const uint64_t lost = NextConnection();
  EXPECT_EQ(listener_->Next().kind, Note::kLost);
  auto& second = coordinator_.Accept();
  const uint64_t now = NextConnection();
  session_->Send(lost, Done(1));
  session_->Send(now, Done(2));
  EXPECT_EQ(second.Receive().step_done().step(), 2u);
}

TEST_F(SessionTest, SaysWhatTheWorkerIsAt) {
  Open();
  auto& connection = coordinator_.Accept();
  progress_.Enter(v1::Heartbeat::ADAPT, 7);
  progress_.Tick();
  connection.NextHeartbeat();  // It may have been made before that.
  const v1::Heartbeat heartbeat = connection.NextHeartbeat();
  EXPECT_EQ(heartbeat.phase(), v1::Heartbeat::ADAPT);
  EXPECT_EQ(heartbeat.step(), 7u);
  EXPECT_EQ(heartbeat.progress(), 2u);
}

TEST_F(SessionTest, GivesUpACoordinatorThatFallsSilent) {
  SessionOptions options = Impatient();
  options.lease = absl::Milliseconds(20);
  Open(options);
  auto& first = coordinator_.Accept();
  NextConnection();
  first.Send(CoordinatorHeartbeat());
  EXPECT_EQ(listener_->Next().kind, Note::kLost);
  first.WaitForEnd();
  coordinator_.Accept();
}

TEST_F(SessionTest, KeepsACoordinatorThatSendsNoHeartbeats) {
  SessionOptions options = Impatient();
  options.lease = absl::Milliseconds(20);
  Open(options);
  auto& connection = coordinator_.Accept();
  NextConnection();
  for (int i = 0; i < 10; ++i) connection.NextHeartbeat();
  connection.Send(Plan(1));
  EXPECT_EQ(listener_->Next().kind, Note::kReceived);
}

TEST_F(SessionTest, SendsWhatIsQueuedBeforeItCloses) {
  Open();
  auto& connection = coordinator_.Accept();
  const uint64_t number = NextConnection();
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
  while (listener_->Next().kind != Note::kRefused) {
  }
  const absl::Status status = session_->Close();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message(), "this is protocol 2; upgrade");
}

TEST_F(SessionTest, ClosesWhileNobodyIsThere) {
  session_.emplace(*MakeCoordinatorChannel("localhost:1"), progress_, metrics_, Impatient());
  listener_.emplace(*session_);
  session_->Open(*listener_);
  EXPECT_TRUE(session_->Close().ok());
}

}  // namespace
}  // namespace outerloop::worker
