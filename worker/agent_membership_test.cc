// A whole worker goes from group to group, and through lost connections and peers.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "worker/testing/agent_fixture.h"

namespace outerloop::worker {
namespace {

// ---- From group to group

TEST_F(AgentTest, GoesOnWithTheSurvivorWhenAPeerIsLost) {
  const std::vector<std::string> alone = DigestsAlone(4);
  auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  StartBoth(1, a, b);
  EXPECT_EQ(StepBoth(1, 1, a, b), alone[1]);

  // The survivor waits for its peer in step 2 when that is lost.
  a.Send(script_.Plan(1, 2, 0, 2));
  a.Send(script_.Plan(1, 3, 0, 2));
  coordinator_.reduce().WaitForRound(1, 1);
  second.reset();
  const v1::GroupFailed failed = a.Receive().group_failed();
  EXPECT_EQ(failed.cause(), v1::GroupFailed::PEERS);
  EXPECT_EQ(failed.step(), 1u);

  EXPECT_EQ(Join(a, 2).held_step(), 1u);
  v1::CoordinatorMessage start = script_.Start(2, 0, 1, /*step=*/1);
  start.mutable_start_group()->set_broadcast_from_rank(0);
  a.Send(start);
  for (uint64_t step = 2; step <= 4; ++step) {
    a.Send(script_.Plan(2, step, 0, 1));
    EXPECT_EQ(a.Receive().step_done().parameters_sha256(), alone[step]) << "step " << step;
  }
}

TEST_F(AgentTest, DropsItsStateWhenTheJobWasResumedSince) {
  const std::vector<std::string> alone = DigestsAlone(1);
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  StartAlone(connection, 1);
  for (uint64_t step : {1, 2}) {
    connection.Send(script_.Plan(1, step, 0, 1));
    connection.Receive();
  }
  v1::CoordinatorMessage join = script_.Join(2);
  join.mutable_join_group()->set_resumed_generation(1);
  connection.Send(join);
  const v1::WorkerMessage answer = connection.Receive();
  ASSERT_TRUE(answer.has_ready()) << answer.DebugString();
  EXPECT_FALSE(answer.ready().has_held_step());
  connection.Send(script_.StartInitial(2, 0, 1));
  connection.Send(script_.Plan(2, 1, 0, 1));
  EXPECT_EQ(connection.Receive().step_done().parameters_sha256(), alone[1]);
}

TEST_F(AgentTest, BringsANewMemberToTheGroupsStateByBroadcast) {
  const std::vector<std::string> alone = DigestsAlone(4);
  const auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  StartAlone(a, 1);
  for (uint64_t step : {1, 2}) {
    a.Send(script_.Plan(1, step, 0, 1));
    a.Receive();
  }
  const auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  EXPECT_EQ(Join(a, 2, 1, 2).held_step(), 2u);
  EXPECT_FALSE(Join(b, 2, 0, 2).has_held_step());
  for (uint32_t rank : {0, 1}) {
    v1::CoordinatorMessage start = script_.Start(2, rank, 2, /*step=*/2);
    start.mutable_start_group()->set_broadcast_from_rank(1);
    (rank == 1 ? a : b).Send(start);
  }
  EXPECT_EQ(StepBoth(2, 3, b, a), alone[3]);
  EXPECT_EQ(StepBoth(2, 4, b, a), alone[4]);
}

TEST_F(AgentTest, ANewGenerationCutsAStepShortThatWaitsForAPeer) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  Join(connection, 1, 0, 2);
  connection.Send(script_.StartInitial(1, 0, 2));
  connection.Send(script_.Plan(1, 1, 0, 2));
  coordinator_.reduce().WaitForRound(1, 0);
  EXPECT_EQ(Join(connection, 2).held_step(), 0u);
}

TEST_F(AgentTest, IgnoresMessagesOfOtherGenerationsAndPlansThatItHas) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  Join(connection, 5);
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
  StartAlone(connection, 1);
  connection.Send(script_.Plan(1, 1, 0, 1));
  connection.Receive();
  connection.Send(script_.Leave(1));
  connection.Send(script_.Plan(1, 2, 0, 1));
  EXPECT_EQ(Join(connection, 2).held_step(), 1u);
}

// ---- Lost connections

TEST_F(AgentTest, GoesOnToTheEndOfItsPlansWithoutAConnection) {
  const std::vector<std::string> alone = DigestsAlone(4);
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  StartAlone(connection, 1);
  for (uint64_t step : {1, 2, 3}) connection.Send(script_.Plan(1, step, 0, 1));
  connection.Receive();
  connection.Break();

  Connection& again = coordinator_.Accept();
  const v1::HeldState held = again.hello().held();
  EXPECT_EQ(held.job_id(), "job");
  EXPECT_EQ(held.generation(), 1u);
  EXPECT_EQ(held.planned_step(), 3u);
  ASSERT_EQ(static_cast<uint64_t>(held.recent_size()), held.step());
  EXPECT_EQ(held.recent(0).step(), 1u);
  // What it has not said there it says now; the coordinator adopts the group.
  for (uint64_t step = held.step() + 1; step <= 3; ++step) {
    EXPECT_EQ(again.Receive().step_done().parameters_sha256(), alone[step]);
  }
  again.Send(script_.Plan(1, 4, 0, 1));
  EXPECT_EQ(again.Receive().step_done().parameters_sha256(), alone[4]);
}

TEST_F(AgentTest, GivesUpAGroupWhoseSumsGoThroughTheLostCoordinator) {
  const auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  const auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  StartBoth(1, a, b);
  StepBoth(1, 1, a, b);
  a.Send(script_.Plan(1, 2, 0, 2));  // In which it waits for the other.
  a.Send(script_.Plan(1, 3, 0, 2));
  coordinator_.reduce().WaitForRound(1, 1);
  a.Break();

  Connection& again = coordinator_.Accept();
  EXPECT_EQ(again.hello().held().step(), 1u);
  EXPECT_EQ(again.hello().held().generation(), 0u);
  ASSERT_EQ(again.hello().held().recent_size(), 1);
  EXPECT_EQ(again.hello().held().recent(0).step(), 1u);
  EXPECT_EQ(Join(again, 2).held_step(), 1u);
}

// ---- Lost peers

TEST_F(AgentTest, ReportsPeersThatDoNotAnswerInTimeAndKeepsItsStateAndConnection) {
  const auto worker = NewWorker(/*reduce_timeout=*/absl::ZeroDuration());
  Connection& connection = coordinator_.Accept();
  Join(connection, 1, 0, 2);
  connection.Send(script_.StartInitial(1, 0, 2));
  connection.Send(script_.Plan(1, 1, 0, 2));
  const v1::GroupFailed failed = connection.Receive().group_failed();
  EXPECT_EQ(failed.cause(), v1::GroupFailed::PEERS);
  EXPECT_EQ(failed.generation(), 1u);
  EXPECT_EQ(Join(connection, 2).held_step(), 0u);
}

TEST_F(AgentTest, LetsGoOfItsReducerWhenItLeavesSoThatPeersLearnOfIt) {
  const auto first = NewWorker(), second = NewWorker();
  Connection &a = coordinator_.Accept(), &b = coordinator_.Accept();
  StartBoth(1, a, b);
  StepBoth(1, 1, a, b);
  b.Send(script_.Plan(1, 2, 1, 2));
  coordinator_.reduce().WaitForRound(1, 1);
  a.Send(script_.Leave(1));
  EXPECT_EQ(b.Receive().group_failed().cause(), v1::GroupFailed::PEERS);
}

TEST_F(AgentTest, ReportsAGenerationThatEndsUnderIt) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  Join(connection, 1, 0, 2);
  connection.Send(script_.StartInitial(1, 0, 2));
  connection.Send(script_.Plan(1, 1, 0, 2));
  coordinator_.reduce().WaitForRound(1, 0);
  coordinator_.reduce().End(1, {grpc::StatusCode::ABORTED, "generation 2 has begun"});
  EXPECT_EQ(connection.Receive().group_failed().cause(), v1::GroupFailed::PEERS);
  Join(connection, 2);
}

// ---- Leaving

TEST_F(AgentTest, LeavesAtAStepBoundaryWhenTheCoordinatorLetsItGo) {
  auto first = NewWorker();
  Connection& a = coordinator_.Accept();
  auto second = NewWorker();
  Connection& b = coordinator_.Accept();
  StartBoth(1, a, b);
  a.Send(script_.Plan(1, 1, 0, 2));
  coordinator_.reduce().WaitForRound(1, 0);  // The step is under way.
  first->Shutdown();
  EXPECT_TRUE(a.Receive().has_leaving());
  b.Send(script_.Plan(1, 1, 1, 2));
  EXPECT_EQ(a.Receive().step_done().step(), 1u);
  EXPECT_EQ(b.Receive().step_done().step(), 1u);
  a.Send(script_.Leave(1));
  a.WaitForEnd();
  first->WaitUntilEnded();
}

TEST_F(AgentTest, EndsAtOnceWhenItHasNothingToDo) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  worker->Shutdown();
  connection.WaitForEnd();
  worker->WaitUntilEnded();
}

TEST_F(AgentTest, EndsAtOnceWhenToldTwice) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  Join(connection, 1, 0, 2);
  connection.Send(script_.StartInitial(1, 0, 2));
  connection.Send(script_.Plan(1, 1, 0, 2));
  coordinator_.reduce().WaitForRound(1, 0);  // It waits for a peer that never comes.
  worker->Shutdown();
  worker->Shutdown();
  worker->WaitUntilEnded();
  EXPECT_TRUE(connection.Receive().has_leaving());
  connection.WaitForEnd();
}

}  // namespace
}  // namespace outerloop::worker
