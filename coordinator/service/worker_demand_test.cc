#include "coordinator/service/worker_demand.h"

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

// Eight shards a step.
v1::Job MakeJob(v1::JobState state, uint32_t min, uint32_t max) {
  v1::Job job;
  job.set_state(state);
  job.mutable_spec()->mutable_training()->set_tasks_per_step(15);
  job.mutable_spec()->mutable_training()->set_tasks_per_shard(2);
  job.mutable_spec()->mutable_workers()->set_min(min);
  job.mutable_spec()->mutable_workers()->set_max(max);
  return job;
}

std::vector<Board::JobView> Views(const std::vector<v1::Job>& jobs) {
  std::vector<Board::JobView> views;
  for (const v1::Job& job : jobs) views.push_back(std::make_shared<const v1::Job>(job));
  return views;
}

TEST(WorkerDemand, OfAJobIsItsShardsWithinItsBounds) {
  EXPECT_EQ(UsefulWorkers(MakeJob(v1::RUNNING, 1, 0)), 8u);
  EXPECT_EQ(UsefulWorkers(MakeJob(v1::QUEUED, 1, 3)), 3u);
  EXPECT_EQ(UsefulWorkers(MakeJob(v1::RECOVERING, 1, 100)), 8u);
  EXPECT_EQ(UsefulWorkers(MakeJob(v1::STARTING, 12, 0)), 12u);
}

TEST(WorkerDemand, OfAJobThatHasEndedIsNoneButForAnEvaluation) {
  for (const v1::JobState state : {v1::SUCCEEDED, v1::FAILED, v1::CANCELLED, v1::PAUSED}) {
    EXPECT_EQ(UsefulWorkers(MakeJob(state, 2, 0)), 0u) << v1::JobState_Name(state);
  }
  v1::Job job = MakeJob(v1::SUCCEEDED, 2, 0);
  job.add_evaluations()->set_state(v1::EVALUATION_DONE);
  EXPECT_EQ(UsefulWorkers(job), 0u);
  job.add_evaluations()->set_state(v1::EVALUATION_PENDING);
  EXPECT_EQ(UsefulWorkers(job), 1u);
}

TEST(WorkerDemand, AddsUpWhatIsUsefulAndTakesTheLargestMinimumOfThoseThatWait) {
  const WorkerDemand demand =
      DemandOf(Views({MakeJob(v1::RUNNING, 9, 9), MakeJob(v1::QUEUED, 4, 0),
                      MakeJob(v1::RECOVERING, 2, 2), MakeJob(v1::FAILED, 50, 0)}));
  EXPECT_EQ(demand.useful, 9u + 8u + 2u);
  EXPECT_EQ(demand.required, 4u);
  EXPECT_EQ(DemandOf({}).required, 0u);
}

}  // namespace
}  // namespace outerloop::coordinator
