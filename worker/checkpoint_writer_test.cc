#include "worker/checkpoint_writer.h"

#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "worker/checkpoint.h"
#include "worker/testing/fake_coordinator.h"
#include "worker/testing/specifications.h"

namespace outerloop::worker {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);
const GroupId kGroup{"job", 3};

grpc::Status Away() { return {grpc::StatusCode::UNAVAILABLE, "the coordinator is away"}; }

// A coordinator that takes no checkpoint for longer than any test lasts.
std::deque<grpc::Status> AwayForEver() { return std::deque<grpc::Status>(1'000'000, Away()); }

class CheckpointWriterTest : public testing::Test {
 protected:
  static CheckpointWriterOptions Impatient() {
    CheckpointWriterOptions options;
    options.backoff = {.initial = absl::Milliseconds(1), .maximum = absl::Milliseconds(5)};
    return options;
  }

  TrainingState StateOf(uint64_t step) const {
    TrainingState state;
    state.step = step;
    state.parameters.resize(kParameters);
    std::iota(state.parameters.begin(), state.parameters.end(), static_cast<float>(step));
    state.optimizer = experiment_->optimizer().InitialState(state.parameters.size());
    return state;
  }
  std::string FileOf(uint64_t step) const { return ToCheckpoint(StateOf(step), *experiment_); }

  absl::Status Add(CheckpointWriter& writer, uint64_t step) {
    return writer.Add(kGroup, experiment_, StateOf(step), cancellation_);
  }

  FakeCoordinator coordinator_;
  Progress progress_;
  CoordinatorFiles files_{coordinator_.NewChannel(), progress_};
  const std::shared_ptr<const Experiment> experiment_ =
      Experiment::Create(SinusoidSpec(), "", nullptr).value();
  static constexpr size_t kParameters = 8 + 8 + 8 + 1;  // Of the MLP 1-8-1.
  Cancellation cancellation_;
};

TEST_F(CheckpointWriterTest, StoresWhatItIsGivenAsFiles) {
  CheckpointWriter writer(files_);
  for (const uint64_t step : {10, 20}) ASSERT_TRUE(Add(writer, step).ok());
  ASSERT_TRUE(writer.Flush(absl::Now() + kPatience).ok());
  EXPECT_EQ(coordinator_.WaitForCheckpoint(10), FileOf(10));
  EXPECT_EQ(coordinator_.WaitForCheckpoint(20), FileOf(20));
  EXPECT_EQ(coordinator_.stores(), 2);
}

TEST_F(CheckpointWriterTest, KeepsACopyOfTheStateAsItWas) {
  coordinator_.FailStores({Away(), Away()});
  CheckpointWriter writer(files_, Impatient());
  TrainingState state = StateOf(10);
  ASSERT_TRUE(writer.Add(kGroup, experiment_, state, cancellation_).ok());
  state.parameters.assign(state.parameters.size(), -1);  // Training goes on.
  state.step = 11;
  ASSERT_TRUE(writer.Flush(absl::Now() + kPatience).ok());
  EXPECT_EQ(coordinator_.WaitForCheckpoint(10), FileOf(10));
}

TEST_F(CheckpointWriterTest, StoresMoreThanItHasRoomForOneAfterTheOther) {
  std::deque<grpc::Status> failures;
  for (int i = 0; i < 20; ++i) failures.push_back(Away());
  coordinator_.FailStores(failures);
  CheckpointWriter writer(files_, Impatient());
  for (uint64_t step = 1; step <= 8; ++step) ASSERT_TRUE(Add(writer, step).ok());
  ASSERT_TRUE(writer.Flush(absl::Now() + kPatience).ok());
  for (uint64_t step = 1; step <= 8; ++step) {
    EXPECT_EQ(coordinator_.WaitForCheckpoint(step), FileOf(step)) << step;
  }
  EXPECT_EQ(coordinator_.stores(), 28);
}

TEST_F(CheckpointWriterTest, TriesAgainWhileTheDiskIsFullAndSaysSo) {
  coordinator_.FailStores({{grpc::StatusCode::RESOURCE_EXHAUSTED, "disk full"},
                           {grpc::StatusCode::DATA_LOSS, "damaged on its way"}});
  CheckpointWriterOptions options = Impatient();
  int tries = 0;
  options.on_try = [&tries] { ++tries; };
  CheckpointWriter writer(files_, options);
  ASSERT_TRUE(Add(writer, 10).ok());
  ASSERT_TRUE(writer.Flush(absl::Now() + kPatience).ok());
  EXPECT_EQ(coordinator_.WaitForCheckpoint(10), FileOf(10));
  EXPECT_EQ(tries, 3);
}

TEST_F(CheckpointWriterTest, HoldsUpWhoeverAddsToAFullQueueUntilCancelled) {
  coordinator_.FailStores(AwayForEver());
  CheckpointWriterOptions options = Impatient();
  absl::Notification being_stored;
  options.on_try = [&being_stored] {
    if (!being_stored.HasBeenNotified()) being_stored.Notify();
  };
  CheckpointWriter writer(files_, options);
  ASSERT_TRUE(Add(writer, 1).ok());
  ASSERT_TRUE(being_stored.WaitForNotificationWithTimeout(kPatience));
  ASSERT_TRUE(Add(writer, 2).ok());
  ASSERT_TRUE(Add(writer, 3).ok());
  absl::Status status;
  std::thread trainer([&] { status = Add(writer, 4); });
  cancellation_.Cancel();
  trainer.join();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

TEST_F(CheckpointWriterTest, AddsNothingForWhoIsCancelledAlready) {
  cancellation_.Cancel();
  CheckpointWriter writer(files_);
  EXPECT_TRUE(absl::IsCancelled(Add(writer, 1)));
  EXPECT_TRUE(writer.Flush(absl::Now() + kPatience).ok());
  EXPECT_EQ(coordinator_.stores(), 0);
}

TEST_F(CheckpointWriterTest, SaysWhatIsNotStoredAtTheDeadline) {
  coordinator_.FailStores(AwayForEver());
  CheckpointWriter writer(files_, Impatient());
  ASSERT_TRUE(Add(writer, 1).ok());
  ASSERT_TRUE(Add(writer, 2).ok());
  const absl::Status status = writer.Flush(absl::Now());
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_NE(status.message().find("2 checkpoints are not stored"), std::string::npos) << status;
}

TEST_F(CheckpointWriterTest, DropsWhatTheCoordinatorNoLongerWants) {
  coordinator_.FailStores({{grpc::StatusCode::FAILED_PRECONDITION, "the job has ended"},
                           {grpc::StatusCode::ABORTED, "the job was resumed"}});
  CheckpointWriterOptions options = Impatient();
  bool refused = false;
  options.on_refused = [&refused](const GroupId&, uint64_t, const absl::Status&) {
    refused = true;
  };
  CheckpointWriter writer(files_, options);
  for (const uint64_t step : {1, 2, 3}) ASSERT_TRUE(Add(writer, step).ok());
  ASSERT_TRUE(writer.Flush(absl::Now() + kPatience).ok());
  EXPECT_EQ(coordinator_.WaitForCheckpoint(3), FileOf(3));
  EXPECT_EQ(coordinator_.stores(), 3);
  EXPECT_FALSE(refused);
}

TEST_F(CheckpointWriterTest, TellsOfACheckpointThatIsRefusedForGood) {
  coordinator_.FailStores({{grpc::StatusCode::INVALID_ARGUMENT, "no such step"}});
  CheckpointWriterOptions options = Impatient();
  std::vector<std::pair<GroupId, uint64_t>> refused;
  options.on_refused = [&](const GroupId& group, uint64_t step, const absl::Status& status) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    refused.emplace_back(group, step);
  };
  CheckpointWriter writer(files_, options);
  ASSERT_TRUE(Add(writer, 1).ok());
  ASSERT_TRUE(Add(writer, 2).ok());
  ASSERT_TRUE(writer.Flush(absl::Now() + kPatience).ok());
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0], std::make_pair(kGroup, uint64_t{1}));
  EXPECT_EQ(coordinator_.WaitForCheckpoint(2), FileOf(2));
}

TEST_F(CheckpointWriterTest, EndsWhileTheCoordinatorIsAway) {
  coordinator_.FailStores(AwayForEver());
  CheckpointWriterOptions options;
  options.backoff = {.initial = absl::Hours(1), .maximum = absl::Hours(1)};
  CheckpointWriter writer(files_, options);
  ASSERT_TRUE(Add(writer, 1).ok());
}

}  // namespace
}  // namespace outerloop::worker
