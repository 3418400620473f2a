#include "coordinator/core/start_from.h"

#include <string>

#include "coordinator/core/complete_spec.h"
#include "coordinator/core/test_specs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

// A parent "job-1" named "parent", with checkpoints of steps 20 and 40; "job-2" named "bare",
// without any; and "job-0" named "old", with one of step 20, from when a field of its model was not
// there yet.
class StartFromTest : public testing::Test {
 protected:
  StartFromTest() : core_(CoreOptions{}) {
    Remembered remembered;
    remembered.jobs.push_back(
        MakeJob("job-1", Merge(kClassification, "name: 'parent' checkpoints { every_steps: 20 }")));
    remembered.jobs.push_back(MakeJob("job-2", Merge(kClassification, "name: 'bare'")));
    remembered.jobs.push_back(MakeJob("job-0", Merge(kClassification, "name: 'old'")));
    remembered.jobs.back().spec.mutable_model()->mutable_conv4()->clear_initial_weights();
    for (const uint64_t step : {20, 40}) {
      remembered.checkpoints.push_back(MakeCheckpoint("job-1", step));
    }
    remembered.checkpoints.push_back(MakeCheckpoint("job-0", 20));
    core_.Restore(remembered, absl::UnixEpoch());
  }

  static JobRecord MakeJob(const std::string& job_id, const v1::JobSpec& spec) {
    JobRecord job;
    job.job_id = job_id;
    job.spec = CompleteSpec(spec).value();
    return job;
  }
  static CheckpointRecord MakeCheckpoint(const std::string& job_id, uint64_t step) {
    CheckpointRecord checkpoint;
    checkpoint.job_id = job_id;
    checkpoint.step = step;
    checkpoint.sha256 = absl::StrCat("file-", step);
    checkpoint.parameters_sha256 = absl::StrCat("parameters-", step);
    return checkpoint;
  }
  // A job like the parent but for `changes`.
  static JobRecord Fork(const std::string& changes) {
    return MakeJob("job-3", Merge(kClassification, changes));
  }
  void ExpectRefused(const std::string& changes, absl::StatusCode code, const std::string& error) {
    JobRecord job = Fork(changes);
    const absl::Status status = CompleteStartFrom(core_, job);
    EXPECT_EQ(status.code(), code) << changes << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(error));
  }

  Core core_;
};

TEST_F(StartFromTest, LeavesOtherJobsAsTheyAre) {
  JobRecord job = Fork("");
  const std::string before = job.spec.SerializeAsString();
  ASSERT_TRUE(CompleteStartFrom(core_, job).ok());
  EXPECT_EQ(job.spec.SerializeAsString(), before);
  EXPECT_EQ(job.step, 0u);
}

TEST_F(StartFromTest, FillsInTheLatestCheckpointAndTheJobsId) {
  JobRecord job = Fork("start_from { job: 'parent' }");
  const absl::Status status = CompleteStartFrom(core_, job);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(job.spec.start_from().job(), "job-1");
  EXPECT_EQ(job.spec.start_from().step(), 40u);
  EXPECT_EQ(job.spec.start_from().checkpoint_sha256(), "file-40");
  EXPECT_EQ(job.step, 40u);
  EXPECT_EQ(job.parameters_sha256, "parameters-40");
}

TEST_F(StartFromTest, TakesTheStepAskedForAndIsThenComplete) {
  JobRecord job = Fork("start_from { job: 'job-1' step: 20 }");
  ASSERT_TRUE(CompleteStartFrom(core_, job).ok());
  EXPECT_EQ(job.spec.start_from().checkpoint_sha256(), "file-20");
  const std::string once = job.spec.SerializeAsString();
  ASSERT_TRUE(CompleteStartFrom(core_, job).ok());
  EXPECT_EQ(job.spec.SerializeAsString(), once);
}

TEST_F(StartFromTest, TakesAnotherDataSetAlgorithmAndNumberOfSteps) {
  JobRecord job = Fork(R"pb(
    dataset { name: "other" }
    algorithm { maml { inner_rate: 0.1 } }
    training { steps: 41 seed: 9 }
    start_from { job: "parent" }
  )pb");
  const absl::Status status = CompleteStartFrom(core_, job);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(StartFromTest, RefusesWhatIsNotThere) {
  ExpectRefused("start_from { job: 'nobody' }", absl::StatusCode::kNotFound,
                "start_from.job: there is no job 'nobody'");
  ExpectRefused("start_from { job: 'parent' step: 30 }", absl::StatusCode::kNotFound,
                "start_from.step: the job has no checkpoint of step 30; there are those of 20, 40");
  ExpectRefused("start_from { job: 'bare' }", absl::StatusCode::kNotFound,
                "start_from.step: the job has no checkpoint yet");
}

TEST_F(StartFromTest, TakesAJobThatIsOlderThanAFieldOfItsModel) {
  JobRecord job = Fork("start_from { job: 'old' }");
  const absl::Status status = CompleteStartFrom(core_, job);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(job.parameters_sha256, "parameters-20");
}

TEST_F(StartFromTest, RefusesWhatDoesNotGoTogether) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  ExpectRefused("start_from { job: 'parent' } model { conv4 { filters: 32 } }", kInvalid,
                "model: another model than that of start_from.job is not allowed; give {conv4 { "
                "filters: 64 pooling: STRIDED initial_weights: HE }}");
  ExpectRefused("start_from { job: 'parent' } episode { classification { ways: 6 } }", kInvalid,
                "episode.classification.ways: 6 is not allowed; give 5, as start_from.job has");
  ExpectRefused("start_from { job: 'parent' } training { steps: 40 }", kInvalid,
                "training.steps: 40 is not allowed; give more than 40");
  ExpectRefused("start_from { job: 'parent' checkpoint_sha256: 'x' }", kInvalid,
                "start_from.checkpoint_sha256: 'x' is not allowed; give nothing, or file-40");
}

}  // namespace
}  // namespace outerloop::coordinator
