// A whole worker trains as it is told.
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "common/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/testing/agent_fixture.h"

namespace outerloop::worker {
namespace {

using testing::HasSubstr;

TEST_F(AgentTest, TrainsAloneAndReportsEachStep) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  const v1::Ready ready = Join(connection, 1);
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
    EXPECT_GT(done.adapt_seconds(), 0);
    EXPECT_LE(done.adapt_seconds(), done.metrics().seconds());
    EXPECT_EQ(done.metrics().step(), step);
    EXPECT_GT(done.metrics().loss(), 0);
  }
  EXPECT_EQ(worker->metrics().steps.Value(), 3);
  EXPECT_EQ(worker->metrics().tasks.Value(), 21);
}

TEST_F(AgentTest, TakesADigestOnlyWhenItIsAskedForOrStoresACheckpoint) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  StartAlone(connection, 1);
  v1::CoordinatorMessage plan = script_.Plan(1, 1, 0, 1);
  plan.mutable_step_plan()->set_digest(false);
  connection.Send(plan);
  EXPECT_EQ(connection.Receive().step_done().parameters_sha256(), "");
  plan = script_.Plan(1, 2, 0, 1, /*checkpoint=*/true);
  plan.mutable_step_plan()->set_digest(false);
  connection.Send(plan);
  EXPECT_EQ(connection.Receive().step_done().parameters_sha256().size(), 32u);
}

TEST_F(AgentTest, GivesTheSameDigestsInAGroupOfTwoAsAlone) {
  const std::vector<std::string> alone = DigestsAlone(3);
  const auto first = NewWorker(), second = NewWorker();
  Connection &a = coordinator_.Accept(), &b = coordinator_.Accept();
  StartBoth(1, a, b);
  for (uint64_t step = 1; step <= 3; ++step) {
    EXPECT_EQ(StepBoth(1, step, a, b), alone[step]) << "step " << step;
  }
}

TEST_F(AgentTest, ReportsTheSameMetricsOfAStepFromEveryMember) {
  const auto first = NewWorker(), second = NewWorker();
  Connection &a = coordinator_.Accept(), &b = coordinator_.Accept();
  StartBoth(1, a, b);
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

TEST_F(AgentTest, FetchesTheDataSetOnce) {
  script_ = {.spec = ClassificationSpec(), .dataset = SmallDataset()};
  coordinator_.AddBlob(script_.dataset);
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  Join(connection, 1);
  Join(connection, 2);
  EXPECT_EQ(worker->metrics().cache_misses.Value(), 1);
  connection.Send(script_.StartInitial(2, 0, 1));
  connection.Send(script_.Plan(2, 1, 0, 1));
  EXPECT_TRUE(connection.Receive().step_done().metrics().has_accuracy());
}

// ---- Checkpoints

TEST_F(AgentTest, LeavesTheCheckpointToRankZero) {
  const auto first = NewWorker(), second = NewWorker();
  Connection &a = coordinator_.Accept(), &b = coordinator_.Accept();
  StartBoth(1, a, b);
  a.Send(script_.Plan(1, 1, 0, 2, /*checkpoint=*/true));
  b.Send(script_.Plan(1, 1, 1, 2, /*checkpoint=*/true));
  a.Receive();
  b.Receive();
  coordinator_.WaitForCheckpoint(1);
  StepBoth(1, 2, a, b);
  EXPECT_EQ(coordinator_.stores(), 1);
}

TEST_F(AgentTest, StoresACheckpointFromWhichAnotherWorkerGoesOn) {
  const std::vector<std::string> alone = DigestsAlone(3);
  coordinator_.FailStores({{grpc::StatusCode::UNAVAILABLE, "busy"},
                           {grpc::StatusCode::RESOURCE_EXHAUSTED, "disk full"}});
  auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  StartAlone(a, 1);
  a.Send(script_.Plan(1, 1, 0, 1));
  a.Send(script_.Plan(1, 2, 0, 1, /*checkpoint=*/true));
  a.Receive();
  EXPECT_EQ(a.Receive().step_done().parameters_sha256(), alone[2]);
  const std::string checkpoint = coordinator_.WaitForCheckpoint(2);
  first.reset();

  const auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  EXPECT_FALSE(Join(b, 2).has_held_step());
  v1::CoordinatorMessage start = script_.Start(2, 0, 1, /*step=*/2);
  start.mutable_start_group()->set_checkpoint_sha256(Sha256Hex(checkpoint));
  b.Send(start);
  b.Send(script_.Plan(2, 3, 0, 1));
  EXPECT_EQ(b.Receive().step_done().parameters_sha256(), alone[3]);
}

// ---- Errors

TEST_F(AgentTest, BlamesTheJobForWhatEveryWorkerWouldFind) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  StartAlone(connection, 1);
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
  EXPECT_EQ(failed.step(), 0u);
  EXPECT_EQ(failed.cause(), v1::GroupFailed::JOB);
  EXPECT_THAT(failed.reason(), HasSubstr("step 1"));
  EXPECT_THAT(failed.reason(), HasSubstr("NaN"));
}

TEST_F(AgentTest, ReportsAJobThatItCannotPrepare) {
  script_ = {.spec = ClassificationSpec(), .dataset = "no data set"};
  coordinator_.AddBlob(script_.dataset);
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(1));
  EXPECT_EQ(connection.Receive().group_failed().cause(), v1::GroupFailed::JOB);
  script_.dataset = "a blob that is not there";
  connection.Send(script_.Join(2));
  const v1::GroupFailed failed = connection.Receive().group_failed();
  EXPECT_EQ(failed.cause(), v1::GroupFailed::JOB);
  EXPECT_THAT(failed.reason(), HasSubstr("no such blob"));
}

// The test's worker computes on a CPU, others perhaps on GPUs: the job has done nothing wrong.
TEST_F(AgentTest, BlamesItselfWhereItCannotRoundAsAJobAsks) {
  script_.spec.mutable_training()->set_product_precision(v1::Training::TF32);
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(script_.Join(1));
  const v1::GroupFailed failed = connection.Receive().group_failed();
  EXPECT_EQ(failed.cause(), v1::GroupFailed::WORKER);
  EXPECT_THAT(failed.reason(), HasSubstr("training.product_precision: TF32"));
}

TEST_F(AgentTest, SaysThatAReducerItDoesNotHaveIsOutOfReach) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  v1::CoordinatorMessage join = script_.Join(1, 0, 2);
  join.mutable_join_group()->set_reducer(v1::NCCL);
  connection.Send(join);
  EXPECT_EQ(connection.Receive().group_failed().cause(), v1::GroupFailed::UNREACHABLE);
}

}  // namespace
}  // namespace outerloop::worker
