// What the tests of a whole worker share: its opening moves.
#ifndef OUTERLOOP_WORKER_TESTING_AGENT_FIXTURE_H_
#define OUTERLOOP_WORKER_TESTING_AGENT_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "worker/testing/fake_coordinator.h"
#include "worker/testing/script.h"
#include "worker/testing/test_worker.h"

namespace outerloop::worker {

// Workers in this process, and a coordinator that does what the test says.
class AgentTest : public testing::Test {
 protected:
  using Connection = FakeCoordinator::Connection;

  std::unique_ptr<TestWorker> NewWorker(absl::Duration reduce_timeout = absl::Seconds(60)) {
    return std::make_unique<TestWorker>(coordinator_, reduce_timeout);
  }

  // It joins `generation` as that member; its answer.
  v1::Ready Join(Connection& connection, uint64_t generation, uint32_t rank = 0, uint32_t size = 1);
  // A group of one, from the initial state.
  void StartAlone(Connection& connection, uint64_t generation);
  // Both workers join `generation`, `a` as rank 0, and start from the initial state.
  void StartBoth(uint64_t generation, Connection& a, Connection& b);
  // A step by both; its digest.
  std::string StepBoth(uint64_t generation, uint64_t step, Connection& a, Connection& b);
  // The digest of every step up to `steps`, by one worker alone; of step 0 "".
  std::vector<std::string> DigestsAlone(uint64_t steps);

  FakeCoordinator coordinator_;
  Script script_;
};

}  // namespace outerloop::worker

#endif  // OUTERLOOP_WORKER_TESTING_AGENT_FIXTURE_H_
