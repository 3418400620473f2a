#include "worker/agent.h"

#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/sha256.h"
#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "worker/checkpoint.h"
#include "worker/testing/fake_coordinator.h"
#include "worker/testing/specifications.h"

namespace outerloop::worker {
namespace {

using testing::HasSubstr;

// Everything that outerloop-worker has, in this process.
class Worker {
 public:
  explicit Worker(FakeCoordinator& coordinator, absl::Duration reduce_timeout = absl::Seconds(60))
      : channel_(coordinator.NewChannel()),
        files_(channel_),
        session_(channel_, v1::Hello(), mailbox_, metrics_, Impatient()),
        agent_({.mailbox = mailbox_,
                .session = session_,
                .files = files_,
                .trainers = trainers_,
                .make_reducer =
                    [this](v1::Reducer kind, const auto& header) {
                      return MakeReducer({.channel = channel_}, kind, header);
                    },
                .metrics = metrics_,
                .reduce_timeout = reduce_timeout,
                .store_backoff = Impatient().backoff}),
        thread_([this] { agent_.Run(); }) {}
  ~Worker() { Stop(); }

  // As SIGTERM does.
  void Stop() {
    mailbox_.Close();
    if (thread_.joinable()) thread_.join();
    EXPECT_TRUE(session_.Close().ok());
  }
  WorkerMetrics& metrics() { return metrics_; }

 private:
  static SessionOptions Impatient() {
    return {.backoff = {.initial = absl::Milliseconds(1), .maximum = absl::Milliseconds(10)}};
  }

  const TestFolder folder_;
  prometheus::Registry registry_;
  WorkerMetrics metrics_{registry_};
  Mailbox mailbox_;
  ComputePool pool_{2, ComputeOnThisThreadAlone};
  BlobCache cache_{folder_.path(), metrics_};
  const std::shared_ptr<grpc::Channel> channel_;
  CoordinatorFiles files_;
  const TrainerFactory trainers_{files_, cache_, Device(), pool_};
  Session session_;
  Agent agent_;
  std::thread thread_;
};

// What a coordinator says about one job.
struct Script {
  v1::JobSpec spec = SinusoidSpec();
  std::string dataset;

  v1::CoordinatorMessage Join(uint64_t generation) const {
    v1::CoordinatorMessage message;
    v1::JoinGroup& join = *message.mutable_join_group();
    join.set_job_id("job");
    join.set_generation(generation);
    *join.mutable_spec() = spec;
    if (!dataset.empty()) join.set_dataset_sha256(Sha256Hex(dataset));
    return message;
  }
  v1::CoordinatorMessage Leave(uint64_t generation) const {
    v1::CoordinatorMessage message;
    message.mutable_leave_group()->set_job_id("job");
    message.mutable_leave_group()->set_generation(generation);
    return message;
  }
  // Without the state to start from.
  v1::CoordinatorMessage Start(uint64_t generation, uint32_t rank, uint32_t size,
                               uint64_t step = 0) const {
    v1::CoordinatorMessage message;
    v1::StartGroup& start = *message.mutable_start_group();
    start.set_job_id("job");
    start.set_generation(generation);
    start.set_rank(rank);
    start.set_size(size);
    start.set_step(step);
    return message;
  }
  v1::CoordinatorMessage StartInitial(uint64_t generation, uint32_t rank, uint32_t size) const {
    v1::CoordinatorMessage message = Start(generation, rank, size);
    message.mutable_start_group()->set_initial(true);
    return message;
  }
  // The shards of a step that `rank` of `size` computes.
  v1::CoordinatorMessage Plan(uint64_t generation, uint64_t step, uint32_t rank, uint32_t size,
                              bool checkpoint = false) const {
    v1::CoordinatorMessage message;
    v1::StepPlan& plan = *message.mutable_step_plan();
    plan.set_job_id("job");
    plan.set_generation(generation);
    plan.set_step(step);
    plan.set_checkpoint(checkpoint);
    for (const v1::Shard& shard : ShardsOfStep(spec, dataset, step)) {
      if (shard.index() % size == rank) *plan.add_shards() = shard;
    }
    return message;
  }
};

class AgentTest : public testing::Test {
 protected:
  using Connection = FakeCoordinator::Connection;

  std::unique_ptr<Worker> NewWorker(absl::Duration reduce_timeout = absl::Seconds(60)) {
    return std::make_unique<Worker>(coordinator_, reduce_timeout);
  }

  // Both workers join `generation`.
  void JoinBoth(const Script& script, uint64_t generation, Connection& a, Connection& b) {
    a.Send(script.Join(generation));
    b.Send(script.Join(generation));
    EXPECT_EQ(a.Receive().ready().generation(), generation);
    EXPECT_EQ(b.Receive().ready().generation(), generation);
  }
  void StartBoth(const Script& script, uint64_t generation, Connection& a, Connection& b) {
    a.Send(script.StartInitial(generation, 0, 2));
    b.Send(script.StartInitial(generation, 1, 2));
  }
  // A step by both; its digest.
  std::string StepBoth(const Script& script, uint64_t generation, uint64_t step, Connection& a,
                       Connection& b) {
    a.Send(script.Plan(generation, step, 0, 2));
    b.Send(script.Plan(generation, step, 1, 2));
    const v1::WorkerMessage of_a = a.Receive(), of_b = b.Receive();
    EXPECT_EQ(of_a.step_done().step(), step) << of_a.DebugString();
    EXPECT_EQ(of_b.step_done().step(), step) << of_b.DebugString();
    EXPECT_EQ(of_a.step_done().parameters_sha256(), of_b.step_done().parameters_sha256());
    return of_a.step_done().parameters_sha256();
  }
  // The digest of every step up to `steps`, by one worker alone.
  std::vector<std::string> DigestsAlone(const Script& script, uint64_t steps) {
    const auto worker = NewWorker();
    Connection& alone = coordinator_.Accept();
    alone.Send(script.Join(1));
    EXPECT_TRUE(alone.Receive().has_ready());
    alone.Send(script.StartInitial(1, 0, 1));
    std::vector<std::string> digests = {""};
    for (uint64_t step = 1; step <= steps; ++step) {
      alone.Send(script.Plan(1, step, 0, 1));
      digests.push_back(alone.Receive().step_done().parameters_sha256());
    }
    return digests;
  }

  FakeCoordinator coordinator_;
  Script script_;
};

TEST_F(AgentTest, TrainsAloneAndReportsEachStep) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(1));
  const v1::Ready ready = connection.Receive().ready();
  EXPECT_EQ(ready.job_id(), "job");
  EXPECT_FALSE(ready.has_held_step());
  connection.Send(script_.StartInitial(1, 0, 1));
  for (uint64_t step = 1; step <= 3; ++step) connection.Send(script_.Plan(1, step, 0, 1));
  for (uint64_t step = 1; step <= 3; ++step) {
    const v1::StepDone done = connection.Receive().step_done();
    EXPECT_EQ(done.job_id(), "job");
    EXPECT_EQ(done.generation(), 1u);
    EXPECT_EQ(done.step(), step);
    EXPECT_EQ(done.parameters_sha256().size(), 32u);
    EXPECT_EQ(done.tasks(), 7u);
    EXPECT_EQ(done.metrics().step(), step);
    EXPECT_GT(done.metrics().loss(), 0);
    EXPECT_GT(done.metrics().seconds(), 0);
  }
  EXPECT_EQ(worker->metrics().steps.Value(), 3);
  EXPECT_EQ(worker->metrics().tasks.Value(), 21);
}

TEST_F(AgentTest, GivesTheSameDigestsInAGroupOfTwoAsAlone) {
  const std::vector<std::string> alone = DigestsAlone(script_, 3);
  const auto first = NewWorker(), second = NewWorker();
  Connection &a = coordinator_.Accept(), &b = coordinator_.Accept();
  JoinBoth(script_, 1, a, b);
  StartBoth(script_, 1, a, b);
  for (uint64_t step = 1; step <= 3; ++step) {
    EXPECT_EQ(StepBoth(script_, 1, step, a, b), alone[step]) << "step " << step;
  }
}

TEST_F(AgentTest, ReportsTheSameMetricsOfAStepFromEveryMember) {
  const auto first = NewWorker(), second = NewWorker();
  Connection &a = coordinator_.Accept(), &b = coordinator_.Accept();
  JoinBoth(script_, 1, a, b);
  StartBoth(script_, 1, a, b);
  a.Send(script_.Plan(1, 1, 0, 2));
  b.Send(script_.Plan(1, 1, 1, 2));
  v1::StepMetrics of_a = a.Receive().step_done().metrics();
  v1::StepMetrics of_b = b.Receive().step_done().metrics();
  EXPECT_EQ(of_a.step(), 1u);
  EXPECT_GT(of_a.seconds(), 0);
  of_a.clear_seconds();
  of_b.clear_seconds();
  EXPECT_EQ(of_a.SerializeAsString(), of_b.SerializeAsString());
}

TEST_F(AgentTest, LeavesTheCheckpointToRankZero) {
  const auto first = NewWorker(), second = NewWorker();
  Connection &a = coordinator_.Accept(), &b = coordinator_.Accept();
  JoinBoth(script_, 1, a, b);
  StartBoth(script_, 1, a, b);
  a.Send(script_.Plan(1, 1, 0, 2, /*checkpoint=*/true));
  b.Send(script_.Plan(1, 1, 1, 2, /*checkpoint=*/true));
  a.Receive();
  b.Receive();
  coordinator_.WaitForCheckpoint(1);
  StepBoth(script_, 1, 2, a, b);
  EXPECT_EQ(coordinator_.stores(), 1);
}

TEST_F(AgentTest, FetchesTheDataSetOnce) {
  script_ = {.spec = ClassificationSpec(), .dataset = SmallDataset()};
  coordinator_.AddBlob(script_.dataset);
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  for (uint64_t generation : {1, 2}) {
    connection.Send(script_.Join(generation));
    EXPECT_EQ(connection.Receive().ready().generation(), generation);
  }
  EXPECT_EQ(worker->metrics().cache_misses.Value(), 1);
  connection.Send(script_.StartInitial(2, 0, 1));
  connection.Send(script_.Plan(2, 1, 0, 1));
  EXPECT_TRUE(connection.Receive().step_done().metrics().has_accuracy());
}

TEST_F(AgentTest, GoesOnWithTheSurvivorWhenAPeerIsLost) {
  const std::vector<std::string> alone = DigestsAlone(script_, 4);
  auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  JoinBoth(script_, 1, a, b);
  StartBoth(script_, 1, a, b);
  EXPECT_EQ(StepBoth(script_, 1, 1, a, b), alone[1]);

  // The survivor waits for its peer in step 2 when it is told of the new generation.
  a.Send(script_.Plan(1, 2, 0, 2));
  a.Send(script_.Plan(1, 3, 0, 2));
  coordinator_.reduce().WaitForRound(1, 1);
  coordinator_.reduce().End(1, {grpc::StatusCode::ABORTED, "generation 2 has begun"});
  second.reset();
  a.Send(script_.Join(2));
  const v1::Ready ready = a.Receive().ready();
  EXPECT_EQ(ready.generation(), 2u);
  EXPECT_EQ(ready.held_step(), 1u);
  v1::CoordinatorMessage start = script_.Start(2, 0, 1, /*step=*/1);
  start.mutable_start_group()->set_broadcast_from_rank(0);
  a.Send(start);
  for (uint64_t step = 2; step <= 4; ++step) {
    a.Send(script_.Plan(2, step, 0, 1));
    EXPECT_EQ(a.Receive().step_done().parameters_sha256(), alone[step]) << "step " << step;
  }
}

TEST_F(AgentTest, BringsANewMemberToTheGroupsStateByBroadcast) {
  const std::vector<std::string> alone = DigestsAlone(script_, 4);
  const auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  a.Send(script_.Join(1));
  a.Receive();
  a.Send(script_.StartInitial(1, 0, 1));
  for (uint64_t step : {1, 2}) {
    a.Send(script_.Plan(1, step, 0, 1));
    a.Receive();
  }
  const auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  a.Send(script_.Join(2));
  b.Send(script_.Join(2));
  EXPECT_EQ(a.Receive().ready().held_step(), 2u);
  EXPECT_FALSE(b.Receive().ready().has_held_step());
  for (uint32_t rank : {0, 1}) {
    v1::CoordinatorMessage start = script_.Start(2, rank, 2, /*step=*/2);
    start.mutable_start_group()->set_broadcast_from_rank(1);
    (rank == 1 ? a : b).Send(start);
  }
  EXPECT_EQ(StepBoth(script_, 2, 3, b, a), alone[3]);
  EXPECT_EQ(StepBoth(script_, 2, 4, b, a), alone[4]);
}

TEST_F(AgentTest, StoresACheckpointFromWhichAnotherWorkerGoesOn) {
  const std::vector<std::string> alone = DigestsAlone(script_, 3);
  coordinator_.FailStores({{grpc::StatusCode::UNAVAILABLE, "busy"},
                           {grpc::StatusCode::RESOURCE_EXHAUSTED, "disk full"}});
  auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  a.Send(script_.Join(1));
  a.Receive();
  a.Send(script_.StartInitial(1, 0, 1));
  a.Send(script_.Plan(1, 1, 0, 1));
  a.Send(script_.Plan(1, 2, 0, 1, /*checkpoint=*/true));
  a.Receive();
  EXPECT_EQ(a.Receive().step_done().parameters_sha256(), alone[2]);
  const std::string checkpoint = coordinator_.WaitForCheckpoint(2);
  first.reset();

  const auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  b.Send(script_.Join(2));
  EXPECT_FALSE(b.Receive().ready().has_held_step());
  v1::CoordinatorMessage start = script_.Start(2, 0, 1, /*step=*/2);
  start.mutable_start_group()->set_checkpoint_sha256(Sha256Hex(checkpoint));
  b.Send(start);
  b.Send(script_.Plan(2, 3, 0, 1));
  EXPECT_EQ(b.Receive().step_done().parameters_sha256(), alone[3]);
}

TEST_F(AgentTest, StoresTheCheckpointBeforeItReportsALaterStep) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(1));
  connection.Receive();
  connection.Send(script_.StartInitial(1, 0, 1));
  connection.Send(script_.Plan(1, 1, 0, 1, /*checkpoint=*/true));
  connection.Send(script_.Plan(1, 2, 0, 1));
  connection.Receive();
  EXPECT_EQ(connection.Receive().step_done().step(), 2u);
  EXPECT_FALSE(coordinator_.WaitForCheckpoint(1).empty());
}

TEST_F(AgentTest, IgnoresMessagesOfOtherGenerationsAndStepsThatAreDone) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(5));
  connection.Receive();
  connection.Send(script_.Join(4));
  connection.Send(script_.StartInitial(4, 0, 1));
  connection.Send(script_.Leave(4));
  connection.Send(script_.StartInitial(5, 0, 1));
  connection.Send(script_.Plan(4, 1, 0, 1));
  connection.Send(script_.Plan(6, 1, 0, 1));
  connection.Send(script_.Plan(5, 1, 0, 1));
  connection.Send(script_.Plan(5, 1, 0, 1));
  connection.Send(script_.Plan(5, 2, 0, 1));
  for (uint64_t step : {1, 2}) {
    const v1::StepDone done = connection.Receive().step_done();
    EXPECT_EQ(done.generation(), 5u);
    EXPECT_EQ(done.step(), step);
  }
}

TEST_F(AgentTest, DoesNothingMoreForAGroupThatItHasLeft) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(1));
  connection.Receive();
  connection.Send(script_.StartInitial(1, 0, 1));
  connection.Send(script_.Leave(1));
  connection.Send(script_.Plan(1, 1, 0, 1));
  connection.Send(script_.Join(2));
  const v1::WorkerMessage next = connection.Receive();
  EXPECT_EQ(next.ready().generation(), 2u) << next.DebugString();
  EXPECT_EQ(next.ready().held_step(), 0u);
}

TEST_F(AgentTest, SaysWhatItHoldsWhenItReconnectsAndDropsItsPlans) {
  const auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  const auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  JoinBoth(script_, 1, a, b);
  StartBoth(script_, 1, a, b);
  StepBoth(script_, 1, 1, a, b);
  a.Send(script_.Plan(1, 2, 0, 2));  // In which it waits for the other.
  a.Send(script_.Plan(1, 3, 0, 2));
  coordinator_.reduce().WaitForRound(1, 1);
  a.Break();

  Connection& again = coordinator_.Accept();
  EXPECT_EQ(again.hello().held().job_id(), "job");
  EXPECT_EQ(again.hello().held().step(), 1u);
  ASSERT_EQ(again.hello().held().recent_size(), 1);
  EXPECT_EQ(again.hello().held().recent(0).step(), 1u);
  again.Send(script_.Join(2));
  const v1::WorkerMessage next = again.Receive();
  EXPECT_EQ(next.ready().generation(), 2u) << next.DebugString();
  EXPECT_EQ(next.ready().held_step(), 1u);
}

TEST_F(AgentTest, ReconnectsWhenAPeerDoesNotAnswerInTime) {
  const auto first = NewWorker(/*reduce_timeout=*/absl::ZeroDuration());
  Connection& a = coordinator_.Accept();
  a.Send(script_.Join(1));
  a.Receive();
  a.Send(script_.StartInitial(1, 0, 2));
  a.Send(script_.Plan(1, 1, 0, 2));
  a.WaitForEnd();
  EXPECT_EQ(coordinator_.Accept().hello().held().step(), 0u);
}

TEST_F(AgentTest, WaitsForTheNextGroupWhenTheGenerationEnds) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(1));
  connection.Receive();
  connection.Send(script_.StartInitial(1, 0, 2));
  connection.Send(script_.Plan(1, 1, 0, 2));
  coordinator_.reduce().WaitForRound(1, 0);
  coordinator_.reduce().End(1, {grpc::StatusCode::ABORTED, "generation 2 has begun"});
  connection.Send(script_.Join(2));
  EXPECT_EQ(connection.Receive().ready().generation(), 2u);
}

TEST_F(AgentTest, ReportsWhatWouldFailAgain) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(1));
  connection.Receive();
  connection.Send(script_.StartInitial(1, 0, 1));
  v1::CoordinatorMessage plan = script_.Plan(1, 1, 0, 1);
  plan.mutable_step_plan()
      ->mutable_shards(0)
      ->mutable_tasks(0)
      ->mutable_regression()
      ->set_query_targets(0, std::numeric_limits<float>::infinity());
  connection.Send(plan);
  const v1::GroupFailed failed = connection.Receive().group_failed();
  EXPECT_EQ(failed.job_id(), "job");
  EXPECT_EQ(failed.generation(), 1u);
  EXPECT_THAT(failed.reason(), HasSubstr("step 1"));
  EXPECT_THAT(failed.reason(), HasSubstr("NaN"));
}

TEST_F(AgentTest, ReportsAJobThatItCannotPrepare) {
  script_ = {.spec = ClassificationSpec(), .dataset = "no data set"};
  const std::string sha256 = coordinator_.AddBlob(script_.dataset);
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(1));
  EXPECT_TRUE(connection.Receive().has_group_failed());
  script_.dataset = "a blob that is not there";
  connection.Send(script_.Join(2));
  EXPECT_THAT(connection.Receive().group_failed().reason(), HasSubstr("no such blob"));
}

TEST_F(AgentTest, FinishesTheStepAndReportsItWhenStopped) {
  auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  JoinBoth(script_, 1, a, b);
  StartBoth(script_, 1, a, b);
  a.Send(script_.Plan(1, 1, 0, 2));
  coordinator_.reduce().WaitForRound(1, 0);  // The step is under way.
  std::thread stop([&first] { first->Stop(); });
  b.Send(script_.Plan(1, 1, 1, 2));
  EXPECT_EQ(a.Receive().step_done().step(), 1u);
  EXPECT_EQ(b.Receive().step_done().step(), 1u);
  a.WaitForEnd();
  stop.join();
}

// ---- Evaluation

class AgentEvaluationTest : public AgentTest {
 protected:
  AgentEvaluationTest() {
    const auto experiment = Experiment::Create(script_.spec, "", nullptr).value();
    ComputePool pool(1, ComputeOnThisThreadAlone);
    Trainer trainer(experiment, Device(), pool);
    checkpoint_ = coordinator_.AddBlob(ToCheckpoint(trainer.InitialState().value(), *experiment));
  }

  v1::CoordinatorMessage Request(uint32_t shard) const {
    v1::CoordinatorMessage message;
    v1::EvaluateShard& request = *message.mutable_evaluate_shard();
    request.set_evaluation_id("evaluation");
    *request.mutable_spec() = script_.spec;
    request.mutable_evaluation()->set_split(v1::TEST);
    for (uint32_t steps : {0, 1, 5}) request.mutable_evaluation()->add_inner_steps(steps);
    request.set_checkpoint_sha256(checkpoint_);
    *request.mutable_shard() = EvaluationShard(script_.spec, "", request.evaluation(), 4);
    request.mutable_shard()->set_index(shard);
    return message;
  }

  std::string checkpoint_;
};

TEST_F(AgentEvaluationTest, ScoresShardsOfACheckpoint) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(Request(0));
  connection.Send(Request(1));
  for (uint32_t shard : {0, 1}) {
    const v1::EvaluationShardDone done = connection.Receive().evaluation_shard_done();
    EXPECT_EQ(done.evaluation_id(), "evaluation");
    EXPECT_EQ(done.shard(), shard);
    ASSERT_EQ(done.series_size(), 3);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(done.series(i).mode(), v1::INDUCTIVE);
      EXPECT_EQ(done.series(i).inner_steps(), std::vector<uint32_t>({0, 1, 5})[i]);
      EXPECT_EQ(done.series(i).metric(), "mse");
      EXPECT_EQ(done.series(i).scores_size(), 4);
    }
  }
}

TEST_F(AgentEvaluationTest, SaysWhyAShardFailed) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  v1::CoordinatorMessage request = Request(3);
  request.mutable_evaluate_shard()->set_checkpoint_sha256(Sha256Hex("nothing"));
  connection.Send(request);
  v1::EvaluationShardFailed failed = connection.Receive().evaluation_shard_failed();
  EXPECT_EQ(failed.evaluation_id(), "evaluation");
  EXPECT_EQ(failed.shard(), 3u);
  EXPECT_THAT(failed.reason(), HasSubstr("no such blob"));

  request = Request(4);
  request.mutable_evaluate_shard()->mutable_spec()->mutable_training()->set_seed(99);
  connection.Send(request);
  failed = connection.Receive().evaluation_shard_failed();
  EXPECT_THAT(failed.reason(), HasSubstr("specification"));

  request = Request(5);
  request.mutable_evaluate_shard()->mutable_shard()->clear_tasks();
  connection.Send(request);
  EXPECT_EQ(connection.Receive().evaluation_shard_failed().shard(), 5u);
}

TEST_F(AgentEvaluationTest, EvaluatesBetweenTheStepsOfAGroup) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(1));
  connection.Receive();
  connection.Send(script_.StartInitial(1, 0, 1));
  connection.Send(script_.Plan(1, 1, 0, 1));
  connection.Send(Request(0));
  connection.Send(script_.Plan(1, 2, 0, 1));
  EXPECT_EQ(connection.Receive().step_done().step(), 1u);
  EXPECT_TRUE(connection.Receive().has_evaluation_shard_done());
  EXPECT_EQ(connection.Receive().step_done().step(), 2u);
}

}  // namespace
}  // namespace outerloop::worker
