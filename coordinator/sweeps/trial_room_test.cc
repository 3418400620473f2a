#include "coordinator/sweeps/trial_room.h"

#include <string>

#include "coordinator/sweeps/test_sweeps.h"
#include "gmock/gmock.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;
using Jobs = std::vector<std::shared_ptr<const v1::Job>>;

v1::Sweep SweepOf(const std::string& owner, int trials, const std::string& id = "sweep-x") {
  v1::SweepSpec given = GivenSweep(trials);
  for (v1::TrialSpec& trial : *given.mutable_trials()) {
    trial.mutable_job()->mutable_queue()->set_owner(owner);
  }
  return BeginSweep(CompleteSweep(given).value(), id, "request " + id, absl::UnixEpoch());
}

std::shared_ptr<const v1::Job> JobOf(const std::string& owner, v1::JobState state,
                                     const std::string& id = "job") {
  v1::Job job;
  job.set_job_id(id);
  job.set_state(state);
  job.mutable_spec()->mutable_queue()->set_owner(owner);
  return std::make_shared<const v1::Job>(job);
}

TEST(TrialRoom, ASweepMayFillTheLimitAndNotExceedIt) {
  EXPECT_TRUE(CheckRoomForTrials(SweepOf("ada", 5), {}, {}, 5).ok());
  const absl::Status refused = CheckRoomForTrials(SweepOf("ada", 5), {}, {}, 4);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("5 trials and 0 jobs of ada"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--max-jobs-per-owner"));
}

TEST(TrialRoom, JobsCountThatAreTheOwnersAndHaveNotEnded) {
  const Jobs jobs = {JobOf("ada", v1::QUEUED), JobOf("ada", v1::PAUSED), JobOf("ada", v1::FAILED),
                     JobOf("bob", v1::RUNNING)};
  EXPECT_TRUE(CheckRoomForTrials(SweepOf("ada", 3), {}, jobs, 5).ok());
  EXPECT_FALSE(CheckRoomForTrials(SweepOf("ada", 3), {}, jobs, 4).ok());
}

TEST(TrialRoom, TrialsOfEarlierSweepsCountOnceAndOnlyUntilTheyEnd) {
  v1::Sweep before = SweepOf("ada", 4, "sweep-w");
  EXPECT_TRUE(CheckRoomForTrials(SweepOf("ada", 2), {before}, {}, 6).ok());
  EXPECT_FALSE(CheckRoomForTrials(SweepOf("ada", 2), {before}, {}, 5).ok());
  EXPECT_TRUE(CheckRoomForTrials(SweepOf("bob", 2), {before}, {}, 2).ok());
  // Its first job has just been submitted, which the sweep does not know yet; its second has ended.
  before.mutable_trials(1)->set_state(v1::TRIAL_STOPPED);
  const Jobs jobs = {JobOf("ada", v1::QUEUED, before.trials(0).job_id()),
                     JobOf("ada", v1::CANCELLED, before.trials(1).job_id())};
  EXPECT_TRUE(CheckRoomForTrials(SweepOf("ada", 2), {before}, jobs, 5).ok());
  EXPECT_FALSE(CheckRoomForTrials(SweepOf("ada", 2), {before}, jobs, 4).ok());
  before.set_state(v1::SWEEP_CANCELLED);
  EXPECT_TRUE(CheckRoomForTrials(SweepOf("ada", 2), {before}, {}, 2).ok());
}

}  // namespace
}  // namespace outerloop::coordinator
