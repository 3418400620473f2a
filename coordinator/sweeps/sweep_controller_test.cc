#include "coordinator/sweeps/sweep_controller.h"

#include <atomic>
#include <deque>
#include <optional>

#include "common/test_folder.h"
#include "coordinator/core/requests.h"
#include "coordinator/sweeps/test_sweeps.h"
#include "gmock/gmock.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// Keeps nothing but deletions.
class DeletingEdges : public Edges {
 public:
  absl::Status Commit(const std::vector<Write>& writes) override {
    Store::Batch batch;
    for (const Write& write : writes) {
      if (const auto* deletion = std::get_if<DeletionRecord>(&write)) batch.Delete(*deletion);
    }
    return store->Commit(batch);
  }
  void Send(const Core&, const Message&) override {}
  void Publish(const Core&, const std::set<std::string>&, bool) override {}

  Store* store = nullptr;
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
    edges_.store = store_.get();
    controller_.emplace(
        *store_, [this](const Decide& decide) { return Serve(decide); },
        [this](const std::string& id) { return View(id); }, [this] { return Views(); }, kJobLimit);
    controller_->Listen([this] { ++shows_; });
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
  std::vector<std::shared_ptr<const v1::Job>> Views() {
    absl::MutexLock lock(&mu_);
    std::vector<std::shared_ptr<const v1::Job>> views;
    for (const Job& job : core_.core().jobs()) {
      views.push_back(std::make_shared<const v1::Job>(core_.core().Describe(job)));
    }
    return views;
  }
  // Submits a sweep of three trials and sees it cancelled.
  void MakeEndedSweep() {
    ASSERT_TRUE(controller_->Submit(Begin(GivenSweep(3)), {}).ok());
    Await(AllTrain);
    ASSERT_TRUE(controller_->Cancel(Anybody(), "sweep-x").ok());
    Await([](const v1::Sweep& sweep) { return sweep.state() == v1::SWEEP_CANCELLED; });
  }
  void Resume(const std::string& id) {
    ASSERT_TRUE(Serve([id](const Core& core) {
                  return DecideResume(core, id, "resume", std::nullopt);
                }).ok());
  }
  absl::StatusOr<std::string> Delete(const std::string& name, bool jobs) {
    return controller_->Delete(Anybody(), name, "delete", jobs);
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

  static constexpr uint32_t kJobLimit = 6;
  const TestFolder folder_;
  std::unique_ptr<Store> store_;
  DeletingEdges edges_;
  std::atomic<int> shows_ = 0;
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

// ---- Limits, deletion, news

TEST_F(SweepControllerTest, RefusesASweepWhoseTrialsCouldBeTooMany) {
  ASSERT_TRUE(controller_->Submit(Begin(GivenSweep(4)), {}).ok());
  v1::Sweep another = Begin(GivenSweep(3));
  another.set_sweep_id("sweep-y");
  another.set_request_id("request-y");
  const absl::Status refused = controller_->Submit(another, {}).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_TRUE(controller_->Submit(Begin(GivenSweep(4)), {}).ok()) << "a repeat is none more";
  EXPECT_THAT(controller_->List(Anybody()), SizeIs(1));
}

TEST_F(SweepControllerTest, DeletesASweepThatHasEndedForGood) {
  MakeEndedSweep();
  EXPECT_EQ(*Delete("rates", /*jobs=*/false), "sweep-x");
  EXPECT_TRUE(absl::IsNotFound(controller_->Find(Anybody(), "sweep-x").status()));
  EXPECT_NE(View("sweep-x-0"), nullptr) << "its jobs stay";
  EXPECT_EQ(*Delete("rates", /*jobs=*/false), "sweep-x") << "a repeat";
  EXPECT_TRUE(absl::IsNotFound(controller_->Submit(Begin(GivenSweep(3)), {}).status()));
  Open();
  EXPECT_THAT(controller_->List(Anybody()), SizeIs(0));
  EXPECT_TRUE(absl::IsNotFound(controller_->Submit(Begin(GivenSweep(3)), {}).status()));
}

TEST_F(SweepControllerTest, DeletesItsJobsWithItOrNothing) {
  MakeEndedSweep();
  Resume("sweep-x-1");
  const absl::Status refused = Delete("sweep-x", /*jobs=*/true).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("job sweep-x-1 has not ended"));
  for (int i = 0; i < 3; ++i) EXPECT_NE(View("sweep-x-" + std::to_string(i)), nullptr);
  EXPECT_TRUE(controller_->Find(Anybody(), "sweep-x").ok());
  ASSERT_TRUE(Serve([](const Core& core) { return DecideCancel(core, "sweep-x-1"); }).ok());
  EXPECT_EQ(*Delete("sweep-x", /*jobs=*/true), "sweep-x");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(View("sweep-x-" + std::to_string(i)), nullptr);
  EXPECT_THAT(*store_->Sweeps(), SizeIs(0));
  EXPECT_THAT(*store_->Deletions(), SizeIs(4));
}

TEST_F(SweepControllerTest, KeepsASweepThatCannotBeDeleted) {
  ASSERT_TRUE(controller_->Submit(Begin(GivenSweep(3)), {}).ok());
  Await(AllTrain);
  EXPECT_THAT(std::string(Delete("sweep-x", true).status().message()),
              HasSubstr("Cancel it first"));
  EXPECT_TRUE(absl::IsNotFound(Delete("nobody", true).status()));
  ASSERT_TRUE(controller_->Cancel(Anybody(), "sweep-x").ok());
  Await([](const v1::Sweep& sweep) { return sweep.state() == v1::SWEEP_CANCELLED; });
  Refuse({absl::ResourceExhaustedError("disk full")});
  EXPECT_TRUE(absl::IsResourceExhausted(Delete("sweep-x", true).status()));
  EXPECT_TRUE(controller_->Find(Anybody(), "sweep-x").ok());
  EXPECT_TRUE(Delete("sweep-x", true).ok());
}

TEST_F(SweepControllerTest, TellsOfChanges) {
  const int before = shows_;
  MakeEndedSweep();
  EXPECT_GT(shows_, before);
}

}  // namespace
}  // namespace outerloop::coordinator
