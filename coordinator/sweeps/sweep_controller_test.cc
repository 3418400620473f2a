#include "coordinator/sweeps/sweep_controller.h"

#include <deque>
#include <optional>

#include "common/test_folder.h"
#include "coordinator/sweeps/test_sweeps.h"
#include "gmock/gmock.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class NoEdges : public Edges {
 public:
  absl::Status Commit(const std::vector<Write>&) override { return absl::OkStatus(); }
  void Send(const Core&, const Message&) override {}
  void Publish(const Core&, const std::set<std::string>&, bool) override {}
};

// A controller over a store and a state machine without workers.
class SweepControllerTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }
  void TearDown() override { controller_.reset(); }

  // As after a restart; the state machine stays.
  void Open() {
    controller_.reset();
    store_.reset();
    store_ = *Store::Open(folder_ / "outerloop.db");
    controller_.emplace(
        *store_, [this](const Decide& decide) { return Serve(decide); },
        [this](const std::string& id) { return View(id); });
    ASSERT_TRUE(controller_->Start().ok());
  }

  absl::Status Serve(const Decide& decide) {
    absl::MutexLock lock(&mu_);
    if (!refusals_.empty()) {
      const absl::Status refusal = refusals_.front();
      refusals_.pop_front();
      return refusal;
    }
    return core_.Serve(decide, absl::UnixEpoch()).status();
  }
  std::shared_ptr<const v1::Job> View(const std::string& id) {
    absl::MutexLock lock(&mu_);
    const Job* job = core_.core().FindJob(id);
    if (job == nullptr || job->record.job_id != id) return nullptr;
    return std::make_shared<const v1::Job>(core_.core().Describe(*job));
  }
  void Refuse(std::vector<absl::Status> refusals) {
    absl::MutexLock lock(&mu_);
    refusals_.assign(refusals.begin(), refusals.end());
  }
  // Blocks until the sweep is as wanted. Woken as by the board.
  v1::Sweep Await(const std::function<bool(const v1::Sweep&)>& wanted) {
    while (true) {
      const v1::Sweep sweep = *controller_->Find(Anybody(), "sweep-x");
      if (wanted(sweep)) return sweep;
      controller_->Wake();
      std::this_thread::yield();
    }
  }
  static bool AllTrain(const v1::Sweep& sweep) {
    for (const v1::Trial& trial : sweep.trials()) {
      if (trial.state() != v1::TRIAL_TRAINING) return false;
    }
    return true;
  }

  const TestFolder folder_;
  std::unique_ptr<Store> store_;
  NoEdges edges_;
  absl::Mutex mu_;
  DurableCore core_ ABSL_GUARDED_BY(mu_){CoreOptions(), edges_};
  std::deque<absl::Status> refusals_ ABSL_GUARDED_BY(mu_);
  std::optional<SweepController> controller_;
};

TEST_F(SweepControllerTest, SubmitsTheTrialsAndLetsGoOfTheDataSets) {
  auto data = std::make_shared<int>(0);
  const std::weak_ptr<int> held = data;
  ASSERT_TRUE(controller_->Submit(Begin(WithHalving(GivenSweep(3), 10, 3)), {data}).ok());
  data.reset();
  Await(AllTrain);
  for (int i = 0; i < 3; ++i) EXPECT_NE(View("sweep-x-" + std::to_string(i)), nullptr);
  EXPECT_TRUE(held.expired());
}

TEST_F(SweepControllerTest, ARepeatedRequestGivesTheSweepThatIsThere) {
  ASSERT_TRUE(controller_->Submit(Begin(GivenSweep(3)), {}).ok());
  v1::Sweep again = Begin(GivenSweep(3));
  again.set_sweep_id("sweep-y");
  EXPECT_EQ(controller_->Submit(again, {})->sweep_id(), "sweep-x");
  EXPECT_THAT(controller_->List(Anybody()), SizeIs(1));
}

TEST_F(SweepControllerTest, TriesAgainWhatCouldNotBeMadeDurable) {
  Refuse({absl::ResourceExhaustedError("disk full"), absl::UnavailableError("stopping")});
  ASSERT_TRUE(controller_->Submit(Begin(GivenSweep(3)), {}).ok());
  Await(AllTrain);
}

TEST_F(SweepControllerTest, FailsATrialThatIsRefusedForGood) {
  Refuse({absl::InvalidArgumentError("not like this")});
  ASSERT_TRUE(controller_->Submit(Begin(GivenSweep(3)), {}).ok());
  const v1::Sweep sweep =
      Await([](const v1::Sweep& now) { return now.trials(1).state() == v1::TRIAL_TRAINING; });
  EXPECT_EQ(sweep.trials(0).state(), v1::TRIAL_FAILED);
  EXPECT_EQ(sweep.trials(0).reason(), "not like this");
}

TEST_F(SweepControllerTest, TakesSweepsUpAfterARestart) {
  ASSERT_TRUE(controller_->Submit(Begin(WithHalving(GivenSweep(3), 10, 3)), {}).ok());
  const v1::Sweep before = Await(AllTrain);
  Open();
  EXPECT_EQ(controller_->Find(Anybody(), "rates")->SerializeAsString(), before.SerializeAsString());
  ASSERT_TRUE(Serve([](const Core&) -> absl::StatusOr<Decision> {
                return Decision{{}, CancelRequested{"sweep-x-1"}, ""};
              }).ok());
  Await([](const v1::Sweep& now) { return now.trials(1).state() == v1::TRIAL_FAILED; });
}

TEST_F(SweepControllerTest, CancelsASweepAndItsJobsAndSaysSoAgain) {
  ASSERT_TRUE(controller_->Submit(Begin(GivenSweep(2)), {}).ok());
  Await(AllTrain);
  ASSERT_TRUE(controller_->Cancel(Anybody(), "rates").ok());
  const auto ended = [](const v1::Sweep& now) { return now.state() == v1::SWEEP_CANCELLED; };
  Await(ended);
  EXPECT_EQ(View("sweep-x-0")->state(), v1::CANCELLED);
  EXPECT_EQ(View("sweep-x-1")->state(), v1::CANCELLED);
  EXPECT_EQ(controller_->Cancel(Anybody(), "sweep-x")->state(), v1::SWEEP_CANCELLED);
  Open();
  EXPECT_TRUE(ended(*controller_->Find(Anybody(), "sweep-x")));
}

TEST_F(SweepControllerTest, WillNotCancelASweepThatHasFailed) {
  ASSERT_TRUE(controller_->Submit(Begin(GivenSweep(1)), {}).ok());
  Await(AllTrain);
  ASSERT_TRUE(Serve([](const Core&) -> absl::StatusOr<Decision> {
                return Decision{{}, CancelRequested{"sweep-x-0"}, ""};
              }).ok());
  Await([](const v1::Sweep& now) { return now.state() == v1::SWEEP_FAILED; });
  const absl::Status refused = controller_->Cancel(Anybody(), "sweep-x").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("has ended as SWEEP_FAILED"));
}

TEST_F(SweepControllerTest, SuggestsTheNearestName) {
  ASSERT_TRUE(controller_->Submit(Begin(GivenSweep(1)), {}).ok());
  const absl::Status missing = controller_->Find(Anybody(), "ratse").status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("did you mean 'rates'?"));
}

}  // namespace
}  // namespace outerloop::coordinator
