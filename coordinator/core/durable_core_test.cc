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
    return core_.Serve(ToSubmit(MakeJob(id)), kNow);
  }
  static Decide ToSubmit(const JobRecord& job, uint32_t limit = 100) {
    return [job, limit](const Core& core) { return DecideSubmit(core, job, limit); };
  }
  static Decide ToCancel(const std::string& id) {
    return [id](const Core& core) { return DecideCancel(core, id); };
  }
  std::vector<absl::StatusOr<std::string>> Serve(const std::vector<Decide>& requests) {
    return core_.Serve(requests, kNow);
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

// ---- Requests that wait together

// Jobs that were submitted, then the events that they wait for workers.
const std::vector<std::string> kSubmitted = {"commit", "commit", "publish"};

TEST_F(DurableCoreTest, RequestsThatWaitTogetherCostOneCommitAndOneForWhatFollows) {
  std::vector<Decide> submits;
  std::vector<Decide> cancels;
  for (int i = 0; i < 50; ++i) submits.push_back(ToSubmit(MakeJob(std::to_string(i))));
  for (int i = 0; i < 50; ++i) cancels.push_back(ToCancel(std::to_string(i)));
  const auto submitted = Serve(submits);
  EXPECT_EQ(edges_.Take(), kSubmitted);
  ASSERT_EQ(submitted.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(*submitted[i], std::to_string(i));
  const auto cancelled = Serve(cancels);
  EXPECT_EQ(edges_.Take(), (Events{"commit", "publish"}));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(*cancelled[i], std::to_string(i));
}

TEST_F(DurableCoreTest, RequestsOfSeveralKindsShareACommitToo) {
  ASSERT_TRUE(Submit("a").ok());
  ASSERT_TRUE(Submit("b").ok());
  edges_.Take();
  const auto answers =
      Serve({ToCancel("a"), ToSubmit(MakeJob("c")), ToCancel("b"), ToSubmit(MakeJob("d"))});
  EXPECT_EQ(edges_.Take(), kSubmitted);
  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(core_.core().FindJob("b")->record.state, v1::CANCELLED);
  EXPECT_EQ(core_.core().FindJob("d")->record.state, v1::QUEUED);
}

TEST_F(DurableCoreTest, ARefusedRequestChangesNothingForThoseThatItWaitsWith) {
  ASSERT_TRUE(Submit("a").ok());
  ASSERT_TRUE(core_.Serve(ToCancel("a"), kNow).ok());
  edges_.Take();
  const Decide refused = [](const Core&) -> absl::StatusOr<Decision> {
    return absl::InvalidArgumentError("no");
  };
  const auto answers = Serve({ToSubmit(MakeJob("b")), refused, ToSubmit(MakeJob("c"))});
  EXPECT_EQ(*answers[0], "b");
  EXPECT_TRUE(absl::IsInvalidArgument(answers[1].status()));
  EXPECT_EQ(*answers[2], "c");
  EXPECT_EQ(edges_.Take(), kSubmitted);
  EXPECT_FALSE(Serve({refused, refused})[1].ok());
  EXPECT_EQ(edges_.Take(), Events{}) << "nothing was to be stored";
}

TEST_F(DurableCoreTest, AFailedCommitRefusesAllThatWaitForItAndNoneOfTheirJobsIsThere) {
  ASSERT_TRUE(Submit("a").ok());
  edges_.disk = absl::ResourceExhaustedError("full");
  const std::vector<Decide> requests = {ToSubmit(MakeJob("b")), ToCancel("a"),
                                        ToSubmit(MakeJob("c"))};
  for (const auto& answer : Serve(requests)) EXPECT_EQ(answer.status(), edges_.disk);
  EXPECT_EQ(core_.core().FindJob("b"), nullptr);
  EXPECT_EQ(core_.core().FindJob("c"), nullptr);
  EXPECT_EQ(core_.core().FindJobByRequest("request-b"), nullptr);
  edges_.disk = absl::OkStatus();
  edges_.Take();
  for (const auto& answer : Serve(requests)) EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(core_.core().jobs().size(), 3u);
  EXPECT_EQ(edges_.Take(), kSubmitted);
}

TEST_F(DurableCoreTest, ARequestKnowsThoseBeforeItThatItWaitsWith) {
  JobRecord again = MakeJob("b");
  again.request_id = "request-a";
  const auto answers = Serve({ToSubmit(MakeJob("a"), 2), ToSubmit(again, 2), ToCancel("a"),
                              ToSubmit(MakeJob("c"), 2), ToSubmit(MakeJob("d"), 2)});
  EXPECT_EQ(*answers[0], "a");
  EXPECT_EQ(*answers[1], "a") << "a repeat";
  EXPECT_TRUE(absl::IsUnavailable(answers[2].status())) << "it is not durable yet";
  EXPECT_EQ(*answers[3], "c");
  EXPECT_TRUE(absl::IsResourceExhausted(answers[4].status())) << "they count";
  EXPECT_EQ(core_.core().jobs().size(), 2u);
}

TEST_F(DurableCoreTest, RecordsOtherThanJobsEndACommit) {
  ASSERT_TRUE(Submit("a").ok());
  edges_.Take();
  const Decide with_record = [](const Core&) -> absl::StatusOr<Decision> {
    return Decision{{LossRecord{"a", 1, 0.5}}, CancelRequested{"a"}, "a"};
  };
  v1::JobState seen = v1::JOB_STATE_UNSPECIFIED;
  const Decide look = [&seen](const Core& core) -> absl::StatusOr<Decision> {
    seen = core.FindJob("a")->record.state;
    return Decision{{}, std::nullopt, "a"};
  };
  EXPECT_TRUE(Serve({ToSubmit(MakeJob("b")), with_record, look})[2].ok());
  EXPECT_EQ(seen, v1::CANCELLED) << "its event was not applied before the next was decided on";
  edges_.disk = absl::ResourceExhaustedError("full");
  ASSERT_NE(core_.core().FindJob("b"), nullptr);
  EXPECT_EQ(Serve({ToSubmit(MakeJob("c")), with_record})[1].status(), edges_.disk);
}

TEST_F(DurableCoreTest, JobsThatAreSubmittedTogetherJoinTheQueueTogether) {
  core_.Apply(MakeWorker(), kNow);
  JobRecord urgent = MakeJob("urgent");
  urgent.spec.mutable_queue()->set_priority(5);
  Serve({ToSubmit(MakeJob("first")), ToSubmit(urgent)});
  EXPECT_EQ(core_.core().FindJob("first")->record.generation, 0u) << "it had a group for a moment";
  EXPECT_EQ(core_.core().FindJob("urgent")->record.generation, 1u);
}

}  // namespace
}  // namespace outerloop::coordinator
