#include "coordinator/sweeps/sweep_requests.h"

#include "coordinator/core/requests.h"
#include "coordinator/sweeps/test_sweeps.h"

namespace outerloop::coordinator {
namespace {

class NoEdges : public Edges {
 public:
  absl::Status Commit(const std::vector<Write>&) override { return absl::OkStatus(); }
  void Send(const Core&, const Message&) override {}
  void Publish(const Core&, const std::set<std::string>&, bool) override {}
};

// A state machine with a worker, and a sweep of two trials that are held at steps 10 and 20.
class SweepRequestsTest : public testing::Test {
 protected:
  void SetUp() override {
    WorkerConnected worker;
    worker.session = 1;
    worker.worker_id = worker.name = "w";
    worker.numerics.set_device("cpu");
    core_.Apply(worker, now_);
  }

  absl::Status Ask(const SweepAction& action) {
    return core_.Serve(RequestOf(sweep_, action, now_), now_).status();
  }
  const Job& job(int trial) { return *core_.core().FindJob(sweep_.trials(trial).job_id()); }
  void Cancel(int trial) { EXPECT_TRUE(Ask(CancelTrial{static_cast<uint32_t>(trial)}).ok()); }

  // The worker trains the job, whose group is forming, up to where it is held.
  void TrainToHold(int trial) {
    const std::string id = job(trial).record.job_id;
    const uint64_t generation = job(trial).record.generation;
    core_.Apply(MemberReady{1, id, generation, std::nullopt}, now_);
    while (job(trial).record.step < job(trial).record.hold_step) {
      StepFinished done{1, id, generation, "digest", {}};
      done.metrics.set_step(job(trial).record.step + 1);
      core_.Apply(done, now_);
    }
    CheckpointRecord checkpoint{id, job(trial).record.hold_step, "file", 1, "digest"};
    const auto stored = core_.Serve(
        [&](const Core& core) { return DecideCheckpoint(core, generation, checkpoint); }, now_);
    ASSERT_TRUE(stored.ok()) << stored.status();
  }

  const absl::Time now_ = absl::UnixEpoch();
  const v1::Sweep sweep_ = Begin(WithHalving(GivenSweep(2), 10, 2));
  NoEdges edges_;
  DurableCore core_{CoreOptions(), edges_};
};

TEST_F(SweepRequestsTest, SubmitsTheTrialsJobOnce) {
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Ask(SubmitTrial{1, 10}).ok());
  EXPECT_EQ(core_.core().jobs().size(), 1u);
  EXPECT_EQ(job(1).record.hold_step, 10u);
  EXPECT_EQ(job(1).record.spec.name(), "rates-1");
}

TEST_F(SweepRequestsTest, EvaluatesTheCheckpointOfAHeldJobOnce) {
  ASSERT_TRUE(Ask(SubmitTrial{0, 10}).ok());
  const EvaluateTrial evaluate{0, 10, "score", ScoredBy(sweep_.spec(), 0)};
  EXPECT_TRUE(absl::IsNotFound(Ask(evaluate))) << "it has not come there";
  TrainToHold(0);
  EXPECT_TRUE(job(0).paused());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Ask(evaluate).ok());
  ASSERT_EQ(job(0).evaluations.size(), 1u);
  const EvaluationRecord& evaluation = *core_.core().FindEvaluation("score");
  EXPECT_EQ(evaluation.checkpoint_sha256, "file");
  EXPECT_EQ(evaluation.spec.split(), v1::VALIDATION);
  EXPECT_FALSE(evaluation.is_of_specification()) << "the job's end does not wait for it";
}

TEST_F(SweepRequestsTest, ReleasesAHeldJobOnce) {
  ASSERT_TRUE(Ask(SubmitTrial{0, 10}).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Ask(ReleaseTrial{0, 10, 20})));
  TrainToHold(0);
  ASSERT_TRUE(Ask(ReleaseTrial{0, 10, 20}).ok());
  EXPECT_EQ(job(0).record.hold_step, 20u);
  TrainToHold(0);
  EXPECT_TRUE(job(0).paused());
  EXPECT_EQ(job(0).record.step, 20u);
  ASSERT_TRUE(Ask(ReleaseTrial{0, 10, 20}).ok()) << "asked again after a restart";
  EXPECT_TRUE(job(0).paused());
}

TEST_F(SweepRequestsTest, CancelsWhateverThereIs) {
  Cancel(0);  // Nothing.
  ASSERT_TRUE(Ask(SubmitTrial{0, 10}).ok());
  TrainToHold(0);
  Cancel(0);
  EXPECT_EQ(job(0).record.state, v1::CANCELLED);
  Cancel(0);
}

TEST_F(SweepRequestsTest, SaysThatAJobWasDeleted) {
  ASSERT_TRUE(Ask(SubmitTrial{0, 10}).ok());
  Cancel(0);
  core_.Apply(DeletionRequested{job(0).record.job_id, "request"}, now_);
  EXPECT_TRUE(absl::IsNotFound(Ask(SubmitTrial{0, 10})));
  EXPECT_TRUE(absl::IsNotFound(Ask(EvaluateTrial{0, 10, "score", {}})));
  EXPECT_TRUE(absl::IsNotFound(Ask(ReleaseTrial{0, 10, 20})));
  Cancel(0);
}

}  // namespace
}  // namespace outerloop::coordinator
