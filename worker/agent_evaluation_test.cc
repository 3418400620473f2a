// A whole worker scores shards of checkpoints.
#include <string>
#include <vector>

#include "common/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/checkpoint.h"
#include "worker/testing/agent_fixture.h"

namespace outerloop::worker {
namespace {

using testing::HasSubstr;

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

TEST_F(AgentEvaluationTest, SendsSamplesOfTheFirstTasksAlone) {
  const auto worker = NewWorker();
  Connection& connection = coordinator_.Accept();
  connection.Send(Request(0));
  connection.Send(Request(9));
  const v1::EvaluationShardDone first = connection.Receive().evaluation_shard_done();
  ASSERT_EQ(first.samples_size(), 3);
  EXPECT_EQ(first.samples(2).task(), 2u);
  EXPECT_EQ(first.samples(2).inner_steps(), 5u);
  EXPECT_EQ(connection.Receive().evaluation_shard_done().samples_size(), 0);
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
  StartAlone(connection, 1);
  connection.Send(script_.Plan(1, 1, 0, 1));
  connection.Send(Request(0));
  connection.Send(script_.Plan(1, 2, 0, 1));
  EXPECT_EQ(connection.Receive().step_done().step(), 1u);
  EXPECT_TRUE(connection.Receive().has_evaluation_shard_done());
  EXPECT_EQ(connection.Receive().step_done().step(), 2u);
}

}  // namespace
}  // namespace outerloop::worker
