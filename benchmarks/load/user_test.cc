#include "benchmarks/load/user.h"

#include <memory>
#include <vector>

#include "benchmarks/load/training.h"
#include "gtest/gtest.h"

namespace outerloop::load {
namespace {

TEST(UserTest, EveryJobOfManyUsersIsSeenToEndAndTheOneThatTrainsGoesOn) {
  Training training;
  CallTimes times;
  const uint64_t before = training.step();
  std::vector<std::unique_ptr<User>> users;
  for (uint64_t i = 0; i < 5; ++i) {
    users.push_back(std::make_unique<User>(
        UserOptions{training.address(), training.JobThatWaits(), absl::ZeroDuration(), i}, times));
  }
  training.AwaitStep(before + 20);
  while (training.JobsIn(v1::CANCELLED) < 20) training.AwaitStep(training.step() + 1);
  users.clear();

  EXPECT_EQ(times.failures, 0);
  const size_t submitted = times.submit.Take().count;
  const size_t ended = times.end.Take().count;
  EXPECT_GE(submitted, ended);
  EXPECT_GT(ended, 0u);
  EXPECT_LE(submitted, ended + 5) << "a call that was made did not count";
  EXPECT_GE(times.watch.Take().count, ended);
  EXPECT_GE(times.cancel.Take().count, ended);
  EXPECT_GE(training.JobsIn(v1::CANCELLED), submitted);
  EXPECT_EQ(training.JobsIn(v1::QUEUED), 0u);
  EXPECT_EQ(training.JobsIn(v1::RUNNING), 1u);
}

TEST(UserTest, WhatDoesNotGoAsMeantIsCounted) {
  Training training;
  CallTimes times;
  {
    v1::JobSpec refused = training.JobThatWaits();
    refused.mutable_training()->set_steps(0);
    const User user({training.address(), refused, absl::ZeroDuration(), 0}, times);
    training.AwaitStep(training.step() + 5);
  }
  EXPECT_GT(times.failures, 0);
  EXPECT_EQ(times.submit.Take().count, 0u);
  EXPECT_EQ(times.watch.Take().count, 0u);
}

TEST(TrainingTest, AWindowHasTheStepsThatEndedInIt) {
  Training training;
  const uint64_t before = training.step();
  Training::Window window;
  do {
    window = training.Observe(absl::Milliseconds(200));
  } while (window.step_seconds.empty());
  EXPECT_GE(window.seconds, 0.2);
  EXPECT_LE(window.step_seconds.size(), window.steps);
  EXPECT_LE(window.steps, training.step() - before);
  for (const double seconds : window.step_seconds) EXPECT_GT(seconds, 0);
}

}  // namespace
}  // namespace outerloop::load
