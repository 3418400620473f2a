#include "worker/testing/agent_fixture.h"

namespace outerloop::worker {

v1::Ready AgentTest::Join(Connection& connection, uint64_t generation, uint32_t rank,
                          uint32_t size) {
  connection.Send(script_.Join(generation, rank, size));
  const v1::WorkerMessage answer = connection.Receive();
  EXPECT_EQ(answer.ready().generation(), generation) << answer.DebugString();
  return answer.ready();
}

void AgentTest::StartAlone(Connection& connection, uint64_t generation) {
  Join(connection, generation);
  connection.Send(script_.StartInitial(generation, 0, 1));
}

void AgentTest::StartBoth(uint64_t generation, Connection& a, Connection& b) {
  Join(a, generation, 0, 2);
  Join(b, generation, 1, 2);
  a.Send(script_.StartInitial(generation, 0, 2));
  b.Send(script_.StartInitial(generation, 1, 2));
}

std::string AgentTest::StepBoth(uint64_t generation, uint64_t step, Connection& a, Connection& b) {
  a.Send(script_.Plan(generation, step, 0, 2));
  b.Send(script_.Plan(generation, step, 1, 2));
  const v1::WorkerMessage of_a = a.Receive(), of_b = b.Receive();
  EXPECT_EQ(of_a.step_done().step(), step) << of_a.DebugString();
  EXPECT_EQ(of_b.step_done().step(), step) << of_b.DebugString();
  EXPECT_EQ(of_a.step_done().parameters_sha256(), of_b.step_done().parameters_sha256());
  return of_a.step_done().parameters_sha256();
}

std::vector<std::string> AgentTest::DigestsAlone(uint64_t steps) {
  const auto worker = NewWorker();
  Connection& alone = coordinator_.Accept();
  StartAlone(alone, 1);
  std::vector<std::string> digests = {""};
  for (uint64_t step = 1; step <= steps; ++step) {
    alone.Send(script_.Plan(1, step, 0, 1));
    digests.push_back(alone.Receive().step_done().parameters_sha256());
  }
  return digests;
}

}  // namespace outerloop::worker
