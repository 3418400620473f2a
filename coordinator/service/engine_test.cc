#include "coordinator/service/engine.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/test_folder.h"
#include "coordinator/core/requests.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"

namespace outerloop::coordinator {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

// Keeps what it is given, and what the store held at that moment.
class RecordingDispatcher : public Dispatcher {
 public:
  explicit RecordingDispatcher(Store& store) : store_(store) {}

  absl::Status Dispatch(const Core& core, const Message& message) override {
    absl::MutexLock lock(&mu_);
    messages_.push_back(message);
    jobs_then_.push_back(*store_.Jobs());
    return answer_;
  }

  void FailFromNowOn(const absl::Status& status) {
    absl::MutexLock lock(&mu_);
    answer_ = status;
  }
  bool WaitForMessages(size_t count) {
    absl::MutexLock lock(&mu_);
    const auto enough = [&] { return messages_.size() >= count; };
    return mu_.AwaitWithTimeout(absl::Condition(&enough), kPatience);
  }
  Message message(size_t i) {
    absl::MutexLock lock(&mu_);
    return messages_.at(i);
  }
  std::vector<JobRecord> jobs_then(size_t i) {
    absl::MutexLock lock(&mu_);
    return jobs_then_.at(i);
  }

 private:
  Store& store_;
  absl::Mutex mu_;
  std::vector<Message> messages_;
  std::vector<std::vector<JobRecord>> jobs_then_;
  absl::Status answer_;
};

JobRecord MakeJob(const std::string& id) {
  JobRecord job;
  job.job_id = id;
  job.request_id = "request-" + id;
  job.spec.set_name("name");
  job.spec.mutable_training()->set_steps(100);
  job.spec.mutable_training()->set_tasks_per_step(4);
  job.spec.mutable_training()->set_tasks_per_shard(2);
  job.spec.mutable_workers()->set_min(1);
  job.created = absl::Now();
  return job;
}

class EngineTest : public testing::Test {
 protected:
  void SetUp() override { Restart(); }

  void Restart() {
    engine_ = nullptr;
    engine_ = std::make_unique<Engine>(EngineOptions{}, *store_, collector_, board_, dispatcher_,
                                       metrics_);
    ASSERT_TRUE(engine_->Start().ok());
  }

  absl::StatusOr<std::string> Submit(const JobRecord& job) {
    absl::StatusOr<std::string> result;
    absl::Notification done;
    engine_->Request([&](const Core& core) { return DecideSubmit(core, job); },
                     [&](absl::StatusOr<std::string> id) {
                       result = std::move(id);
                       done.Notify();
                     });
    EXPECT_TRUE(done.WaitForNotificationWithTimeout(kPatience));
    return result;
  }

  // That the store has made.
  uint64_t Commits() {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name != "outerloop_store_commit_seconds") continue;
      return family.metric.at(0).histogram.sample_count;
    }
    return 0;
  }

  void Connect() {
    WorkerConnected worker;
    worker.session = 1;
    worker.worker_id = "w";
    worker.numerics.set_device("cpu");
    engine_->Post(worker);
  }

  TestFolder folder_;
  std::unique_ptr<Store> store_ = *Store::Open(folder_ / "db");
  std::unique_ptr<BlobStore> blobs_ = *BlobStore::Open(folder_ / "blobs");
  const BlobCollector collector_{*store_, *blobs_};
  Board board_;
  RecordingDispatcher dispatcher_{*store_};
  prometheus::Registry registry_;
  EngineMetrics metrics_{registry_};
  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineTest, AnswersARequestWhenItIsDurableAndPublished) {
  ASSERT_EQ(*Submit(MakeJob("job-1")), "job-1");
  EXPECT_EQ(store_->Jobs()->size(), 1u);
  ASSERT_NE(board_.Find("job-1"), nullptr);
  EXPECT_EQ(board_.Find("job-1")->state(), v1::QUEUED);
}

TEST_F(EngineTest, ARepeatedRequestHasItsFirstEffectOnly) {
  ASSERT_EQ(*Submit(MakeJob("job-1")), "job-1");
  JobRecord again = MakeJob("job-2");
  again.request_id = "request-job-1";
  EXPECT_EQ(*Submit(again), "job-1");
  EXPECT_EQ(store_->Jobs()->size(), 1u);
}

TEST_F(EngineTest, RequestsThatWaitTogetherShareACommitAndAreAnsweredInOrder) {
  absl::Notification is_busy;
  absl::Notification all_wait;
  absl::Notification done;
  std::vector<std::string> answers;
  // The engine's thread is kept busy until all the others have come.
  engine_->Request(
      [&](const Core&) -> absl::StatusOr<Decision> {
        is_busy.Notify();
        all_wait.WaitForNotification();
        return absl::AbortedError("only to wait");
      },
      [](const absl::StatusOr<std::string>&) {});
  ASSERT_TRUE(is_busy.WaitForNotificationWithTimeout(kPatience));
  for (int i = 0; i < 20; ++i) {
    engine_->Request([job = MakeJob(absl::StrCat("job-", i))](
                         const Core& core) { return DecideSubmit(core, job); },
                     [&, i](const absl::StatusOr<std::string>& id) {
                       EXPECT_NE(board_.Find(*id), nullptr);
                       answers.push_back(*id);
                       if (i == 19) done.Notify();
                     });
  }
  const uint64_t before = Commits();
  all_wait.Notify();
  ASSERT_TRUE(done.WaitForNotificationWithTimeout(kPatience));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(answers[i], absl::StrCat("job-", i));
  engine_->Stop();  // The metric is not behind.
  EXPECT_EQ(Commits() - before, 2u) << "the jobs, and the events that they wait";
}

TEST_F(EngineTest, AGenerationIsDurableBeforeAnybodyIsToldOfIt) {
  ASSERT_TRUE(Submit(MakeJob("job-1")).ok());
  Connect();
  ASSERT_TRUE(dispatcher_.WaitForMessages(1));
  EXPECT_TRUE(std::holds_alternative<SendJoinGroup>(dispatcher_.message(0).content));
  const std::vector<JobRecord> then = dispatcher_.jobs_then(0);
  ASSERT_EQ(then.size(), 1u);
  EXPECT_EQ(then[0].generation, 1u);
  EXPECT_EQ(then[0].members, std::vector<std::string>{"w"});
}

TEST_F(EngineTest, AMessageThatCannotBeMadeFailsItsJob) {
  ASSERT_TRUE(Submit(MakeJob("job-1")).ok());
  dispatcher_.FailFromNowOn(absl::DataLossError("the data set's file is unreadable"));
  absl::Notification failed;
  board_.Watch(this, "job-1", [&](const Board::JobView& job) {
    if (job->state() == v1::FAILED && !failed.HasBeenNotified()) failed.Notify();
  });
  Connect();
  EXPECT_TRUE(failed.WaitForNotificationWithTimeout(kPatience));
  board_.Unwatch(this);
  EXPECT_NE(board_.Find("job-1")->reason().find("unreadable"), std::string::npos);
}

TEST_F(EngineTest, StepsAreShownOnlyOnceTheyAreDurable) {
  ASSERT_TRUE(Submit(MakeJob("job-1")).ok());
  Connect();
  engine_->Post(MemberReady{1, "job-1", 1, std::nullopt});
  absl::Notification shown;
  size_t durable = 0;
  board_.Watch(this, "job-1", [&](const Board::JobView& job) {
    if (job->step() != 1 || shown.HasBeenNotified()) return;
    durable = store_->Steps("job-1", 0, 10)->size();
    shown.Notify();
  });
  v1::StepMetrics metrics;
  metrics.set_step(1);
  engine_->Post(StepFinished{1, "job-1", 1, "digest", metrics});
  ASSERT_TRUE(shown.WaitForNotificationWithTimeout(kPatience));
  board_.Unwatch(this);
  EXPECT_EQ(durable, 1u);
}

TEST_F(EngineTest, AWorkerThatWasHeardAndThenFallsSilentIsGivenUp) {
  EngineOptions options;
  options.core.lease = absl::Milliseconds(1);
  options.core.longest_tick = absl::InfiniteDuration();
  engine_ = nullptr;
  engine_ = std::make_unique<Engine>(options, *store_, collector_, board_, dispatcher_, metrics_);
  ASSERT_TRUE(engine_->Start().ok());
  Connect();
  engine_->Post(HeartbeatReceived{1, /*progress=*/1, v1::Heartbeat::IDLE, /*step=*/0});
  ASSERT_TRUE(dispatcher_.WaitForMessages(1));
  EXPECT_TRUE(std::holds_alternative<CloseSession>(dispatcher_.message(0).content));
}

TEST_F(EngineTest, StopsOnlyWhenAllIsStored) {
  ASSERT_TRUE(Submit(MakeJob("job-1")).ok());
  Connect();
  engine_->Post(MemberReady{1, "job-1", 1, std::nullopt});
  v1::StepMetrics metrics;
  metrics.set_step(1);
  engine_->Post(StepFinished{1, "job-1", 1, "digest", metrics});
  engine_->Stop();
  EXPECT_EQ(store_->Steps("job-1", 0, 10)->size(), 1u);
  EXPECT_EQ(store_->Jobs()->at(0).parameters_sha256, "digest");
  EXPECT_EQ(Submit(MakeJob("job-2")).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(EngineTest, ARestartedEngineHasEveryJob) {
  ASSERT_TRUE(Submit(MakeJob("job-1")).ok());
  Connect();
  ASSERT_TRUE(dispatcher_.WaitForMessages(1));
  Restart();
  EXPECT_EQ(board_.Find("job-1")->state(), v1::RECOVERING);
  EXPECT_EQ(board_.Find("job-1")->generation(), 1u);
}

}  // namespace
}  // namespace outerloop::coordinator
