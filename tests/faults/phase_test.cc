// One worker of three meets a fault, in every phase of its work.
#include <signal.h>

#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/faults/subject.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

// The faulty worker connects first, so it has rank 0: what rank 0 alone does, it does.
class PhaseTest : public testing::TestWithParam<std::string> {
 protected:
  PhaseTest() : faulty_(cluster_.StartFaultyWorker(GetParam())) { cluster_.AwaitWorkers(1); }

  void SetUp() override {
    StartOthers();
    cluster_.AwaitWorkers(3);
    job_id_ = cluster_.Submit(Subject("phase", 2, v1::AUTO));
  }
  virtual void StartOthers() {
    cluster_.StartWorker();
    cluster_.StartWorker();
  }

  void AwaitFault() { ASSERT_EQ(faulty_.AwaitLine("fault: "), GetParam()) << cluster_.Logs(); }
  // Until the group has done without the faulty worker for a step.
  v1::Job AwaitTheOthers() {
    return cluster_.AwaitJob(job_id_, [](const v1::Job& job) {
      return job.workers() == 2 && job.state() == v1::RUNNING;
    });
  }

  Cluster cluster_;
  Process& faulty_;
  std::string job_id_;
};

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name;
  for (const char c : info.param) name += isalnum(c) ? c : '_';
  return name;
}

// ---- SIGKILL

using KilledTest = PhaseTest;

TEST_P(KilledTest, TheOthersEndWithTheSameParameters) {
  AwaitFault();
  EXPECT_EQ(faulty_.Wait(), 128 + SIGKILL);
  ExpectUndisturbedResult(cluster_.Finish(job_id_));
}

INSTANTIATE_TEST_SUITE_P(EveryPhase, KilledTest,
                         testing::Values("PREPARE=KILL", "TRANSFER=KILL", "IDLE#2=KILL",
                                         "ADAPT@40=KILL", "REDUCE@40=KILL", "UPDATE@40=KILL",
                                         "CHECKPOINT@50=KILL"),
                         TestName);

// ---- SIGSTOP, and SIGCONT when the others have gone on

using StoppedTest = PhaseTest;

TEST_P(StoppedTest, TheOthersGoOnAndItComesBack) {
  AwaitFault();
  AwaitTheOthers();
  faulty_.Signal(SIGCONT);
  ExpectUndisturbedResult(cluster_.Finish(job_id_));
  EXPECT_TRUE(faulty_.running());
}

INSTANTIATE_TEST_SUITE_P(EveryPhase, StoppedTest,
                         testing::Values("PREPARE=STOP", "TRANSFER=STOP", "IDLE#2=STOP",
                                         "ADAPT@40=STOP", "REDUCE@40=STOP", "UPDATE@40=STOP",
                                         "CHECKPOINT@50=STOP"),
                         TestName);

// ---- A compute thread that stands still while the process answers

using StuckTest = PhaseTest;

TEST_P(StuckTest, IsFoundAndTheOthersGoOn) {
  AwaitFault();
  AwaitTheOthers();
  ExpectUndisturbedResult(cluster_.Finish(job_id_));
}

INSTANTIATE_TEST_SUITE_P(EveryPhase, StuckTest,
                         testing::Values("PREPARE=HANG", "TRANSFER=HANG", "ADAPT@40=HANG",
                                         "UPDATE@40=HANG", "CHECKPOINT@50=HANG"),
                         TestName);

// ---- SIGTERM

using TerminatedTest = PhaseTest;

TEST_P(TerminatedTest, LeavesInGoodOrder) {
  AwaitFault();
  EXPECT_EQ(faulty_.Wait(), 0);
  ExpectUndisturbedResult(cluster_.Finish(job_id_));
}

INSTANTIATE_TEST_SUITE_P(EveryPhase, TerminatedTest,
                         testing::Values("PREPARE=TERM", "TRANSFER=TERM", "IDLE#2=TERM",
                                         "ADAPT@40=TERM", "REDUCE@40=TERM", "UPDATE@40=TERM",
                                         "CHECKPOINT@50=TERM"),
                         TestName);

// ---- While the group recovers from another fault

class RecoveryTest : public PhaseTest {
 protected:
  void StartOthers() override {
    first_ = &cluster_.StartFaultyWorker("ADAPT@40=KILL");
    cluster_.StartWorker();
  }

  Process* first_ = nullptr;
};

TEST_P(RecoveryTest, ASecondFaultMeetsTheGroupThatForms) {
  EXPECT_EQ(first_->AwaitLine("fault: "), "ADAPT@40=KILL");
  AwaitFault();
  cluster_.StartWorker();  // Two are needed.
  ExpectUndisturbedResult(cluster_.Finish(job_id_));
}

INSTANTIATE_TEST_SUITE_P(Forming, RecoveryTest,
                         testing::Values("PREPARE#2=KILL", "TRANSFER#2=KILL"), TestName);

// ---- While there is nothing to do

TEST(IdleTest, OnlyWhoeverIsSilentIsLost) {
  Cluster cluster;
  cluster.StartWorker();
  cluster.AwaitWorkers(1);
  const v1::WorkerStatus idle = cluster.client().ListWorkers()->at(0);
  Process& silent = cluster.StartWorker();
  cluster.AwaitWorkers(2);
  silent.Signal(SIGSTOP);
  cluster.AwaitWorkers(1);
  // The session that it has had all the time, for at least as long as a lease.
  EXPECT_EQ(cluster.client().ListWorkers()->at(0).SerializeAsString(), idle.SerializeAsString());
  silent.Signal(SIGCONT);
  cluster.AwaitWorkers(2);
}

}  // namespace
}  // namespace outerloop::tests
