#include "coordinator/core/durable_core.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "coordinator/core/requests.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

constexpr absl::Time kNow = absl::UnixEpoch();

// Writes down, in order, what reaches the edges.
class RecordingEdges : public Edges {
 public:
  absl::Status Commit(const std::vector<Write>& writes) override {
    if (!disk.ok()) return disk;
    events.push_back("commit");
    return absl::OkStatus();
  }
  void Send(const Core& core, const Message& message) override {
    events.push_back(std::holds_alternative<SendStepPlan>(message.content) ? "plan" : "send");
  }
  void Publish(const Core& core, const std::set<std::string>& jobs, bool workers) override {
    events.push_back("publish");
  }

  std::vector<std::string> Take() { return std::exchange(events, {}); }

  absl::Status disk;
  std::vector<std::string> events;
};

JobRecord MakeJob(const std::string& id) {
  JobRecord job;
  job.job_id = id;
  job.request_id = "request-" + id;
  job.spec.mutable_training()->set_steps(10);
  job.spec.mutable_training()->set_tasks_per_step(1);
  job.spec.mutable_training()->set_tasks_per_shard(1);
  job.spec.mutable_workers()->set_min(1);
  return job;
}

WorkerConnected MakeWorker() {
  WorkerConnected worker;
  worker.session = 1;
  worker.worker_id = "w";
  worker.numerics.set_device("cpu");
  return worker;
}

class DurableCoreTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> Submit(const std::string& id) {
    return core_.Serve([&](const Core& core) { return DecideSubmit(core, MakeJob(id)); }, kNow);
  }

  using Events = std::vector<std::string>;
  RecordingEdges edges_;
  DurableCore core_{CoreOptions(), edges_};
};

TEST_F(DurableCoreTest, CommitsBeforeItSendsAndPublishes) {
  ASSERT_TRUE(Submit("a").ok());
  edges_.Take();
  core_.Apply(MakeWorker(), kNow);
  EXPECT_EQ(edges_.Take(), (Events{"commit", "send", "publish"}));
}

TEST_F(DurableCoreTest, EventsThatComeTogetherShareOneCommit) {
  ASSERT_TRUE(Submit("a").ok());
  ASSERT_TRUE(Submit("b").ok());
  edges_.Take();
  WorkerConnected other = MakeWorker();
  other.session = 2;
  other.worker_id = "v";
  const std::vector<Event> events = {MakeWorker(), other, WorkerLost{1}, WorkerLost{2}};
  core_.Apply(events, kNow);
  const Events carried_out = edges_.Take();
  ASSERT_FALSE(carried_out.empty());
  EXPECT_EQ(carried_out.front(), "commit");
  EXPECT_EQ(std::count(carried_out.begin(), carried_out.end(), "commit"), 1);
  EXPECT_EQ(std::count(carried_out.begin(), carried_out.end(), "publish"), 1);
  EXPECT_EQ(core_.core().FindJob("a")->record.state, v1::RECOVERING) << "all were applied";
}

TEST_F(DurableCoreTest, AStepIsPublishedOnlyOnceItIsCommittedButHoldsUpNoPlan) {
  ASSERT_TRUE(Submit("a").ok());
  core_.Apply(MakeWorker(), kNow);
  core_.Apply(MemberReady{1, "a", 1, std::nullopt}, kNow);
  edges_.Take();
  v1::StepMetrics metrics;
  metrics.set_step(1);
  core_.Apply(StepFinished{1, "a", 1, "digest", metrics}, kNow);
  EXPECT_EQ(edges_.Take(), Events{"plan"});
  ASSERT_TRUE(core_.Flush().ok());
  EXPECT_EQ(edges_.Take(), (Events{"commit", "publish"}));
}

TEST_F(DurableCoreTest, MessagesWaitInOrderUntilTheDiskTakesTheirWrites) {
  ASSERT_TRUE(Submit("a").ok());
  edges_.Take();
  edges_.disk = absl::ResourceExhaustedError("full");
  core_.Apply(MakeWorker(), kNow);
  core_.Apply(MemberReady{1, "a", 1, std::nullopt}, kNow);
  EXPECT_FALSE(core_.Flush().ok());
  EXPECT_EQ(edges_.Take(), Events{});
  edges_.disk = absl::OkStatus();
  ASSERT_TRUE(core_.Flush().ok());
  EXPECT_EQ(edges_.Take(), (Events{"commit", "send", "send", "plan", "plan", "publish"}));
}

TEST_F(DurableCoreTest, ARequestThatCannotBeStoredHasNotHappened) {
  edges_.disk = absl::ResourceExhaustedError("full");
  EXPECT_EQ(Submit("a").status(), edges_.disk);
  EXPECT_EQ(core_.core().FindJob("a"), nullptr);
  edges_.disk = absl::OkStatus();
  EXPECT_EQ(*Submit("a"), "a");
}

TEST_F(DurableCoreTest, ARepeatedRequestIsAnsweredOnlyOnceWhatFollowedFromItIsDurable) {
  ASSERT_TRUE(Submit("a").ok());
  edges_.disk = absl::ResourceExhaustedError("full");
  const Decide cancel = [](const Core& core) { return DecideCancel(core, "a"); };
  EXPECT_EQ(core_.Serve(cancel, kNow).status(), edges_.disk);
  EXPECT_EQ(core_.Serve(cancel, kNow).status(), edges_.disk);
  edges_.disk = absl::OkStatus();
  EXPECT_EQ(*core_.Serve(cancel, kNow), "a");
}

}  // namespace
}  // namespace outerloop::coordinator
