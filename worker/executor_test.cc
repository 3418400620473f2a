#include "worker/executor.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

std::shared_ptr<const Operation> Checkpoint(uint64_t step) {
  return std::make_shared<const Operation>(KeepCheckpoint{"job", 1, step});
}

uint64_t StepOf(const Operation& operation) { return std::get<KeepCheckpoint>(operation).step; }

TEST(ExecutorTest, PerformsWhatTheListenerBeginsOneAfterTheOther) {
  std::vector<uint64_t> performed;
  absl::Notification all_done;
  Executor* self = nullptr;
  Progress progress;
  Executor executor(
      [&](const Operation& operation, Cancellation&) -> Outcome {
        performed.push_back(StepOf(operation));
        return CheckpointKept{};
      },
      [&](uint64_t number, Outcome outcome) {
        EXPECT_TRUE(std::holds_alternative<CheckpointKept>(outcome));
        number < 3 ? self->Begin(number + 1, Checkpoint(10 * (number + 1))) : all_done.Notify();
      },
      progress);
  self = &executor;
  executor.Begin(1, Checkpoint(10));
  all_done.WaitForNotification();
  EXPECT_EQ(performed, (std::vector<uint64_t>{10, 20, 30}));
}

TEST(ExecutorTest, CancelsTheOperationOfThatNumberOnly) {
  absl::Notification begun, another_cancelled, looked, ended;
  bool cancelled_with_another = true;
  Progress progress;
  Executor executor(
      [&](const Operation&, Cancellation& cancellation) -> Outcome {
        begun.Notify();
        another_cancelled.WaitForNotification();
        cancelled_with_another = cancellation.cancelled();
        looked.Notify();
        cancellation.WaitFor(absl::InfiniteDuration());
        return Failure{v1::GroupFailed::PEERS, "cancelled"};
      },
      [&](uint64_t number, Outcome outcome) {
        EXPECT_EQ(number, 7u);
        EXPECT_EQ(std::get<Failure>(outcome).reason, "cancelled");
        ended.Notify();
      },
      progress);
  executor.Begin(7, Checkpoint(1));
  begun.WaitForNotification();
  executor.Cancel(6);
  another_cancelled.Notify();
  looked.WaitForNotification();
  executor.Cancel(7);
  ended.WaitForNotification();
  EXPECT_FALSE(cancelled_with_another);
}

TEST(ExecutorTest, CancelsWhatRunsWhenItStops) {
  absl::Notification begun;
  bool was_cancelled = false;
  Progress progress;
  Executor executor(
      [&](const Operation&, Cancellation& cancellation) -> Outcome {
        begun.Notify();
        was_cancelled = cancellation.WaitFor(absl::InfiniteDuration());
        return CheckpointKept{};
      },
      [](uint64_t, Outcome) {}, progress);
  executor.Begin(1, Checkpoint(1));
  begun.WaitForNotification();
  executor.Stop();
  EXPECT_TRUE(was_cancelled);
}

TEST(ExecutorTest, TurnsAnExceptionIntoAFailureOfThisWorker) {
  absl::Notification ended;
  Progress progress;
  Executor executor(
      [](const Operation&, Cancellation&) -> Outcome { throw std::runtime_error("broken"); },
      [&](uint64_t, Outcome outcome) {
        EXPECT_EQ(std::get<Failure>(outcome).cause, v1::GroupFailed::WORKER);
        EXPECT_EQ(std::get<Failure>(outcome).reason, "broken");
        ended.Notify();
      },
      progress);
  executor.Begin(1, Checkpoint(1));
  ended.WaitForNotification();
}

TEST(ExecutorTest, IsIdleOnlyWhenNothingIsToBeDone) {
  std::vector<Progress::Phase> phases;
  absl::Notification idle, idle_again;
  Progress progress([&](Progress::Phase phase, uint64_t) {
    phases.push_back(phase);
    if (phase == v1::Heartbeat::IDLE) (phases.size() == 1 ? idle : idle_again).Notify();
  });
  Executor* self = nullptr;
  Executor executor(
      [&](const Operation& operation, Cancellation&) -> Outcome {
        progress.Enter(v1::Heartbeat::CHECKPOINT, StepOf(operation));
        return CheckpointKept{};
      },
      [&](uint64_t number, Outcome) {
        if (number == 1) self->Begin(2, Checkpoint(2));
      },
      progress);
  self = &executor;
  idle.WaitForNotification();
  executor.Begin(1, Checkpoint(1));
  idle_again.WaitForNotification();
  EXPECT_EQ(phases, (std::vector<Progress::Phase>{v1::Heartbeat::IDLE, v1::Heartbeat::CHECKPOINT,
                                                  v1::Heartbeat::CHECKPOINT, v1::Heartbeat::IDLE}));
}

}  // namespace
}  // namespace outerloop::worker
