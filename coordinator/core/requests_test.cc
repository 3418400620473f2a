#include "coordinator/core/requests.h"

#include "coordinator/core/complete_spec.h"
#include "coordinator/core/test_specs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

class JobLimitTest : public testing::Test {
 protected:
  JobLimitTest() { core_.Restore({}, now_); }

  static JobRecord JobOf(const std::string& owner, const std::string& id) {
    JobRecord job;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kSinusoid, &job.spec));
    job.spec = *CompleteSpec(job.spec);
    job.spec.mutable_queue()->set_owner(owner);
    job.job_id = id;
    job.request_id = "request-of-" + id;
    return job;
  }
  // Decides with a limit of two jobs, and lets it happen.
  absl::Status Submit(const std::string& owner, const std::string& id) {
    const absl::StatusOr<Decision> decision = DecideSubmit(core_, JobOf(owner, id), 2);
    if (decision.ok() && decision->event.has_value()) core_.Apply(*decision->event, now_);
    return decision.status();
  }

  const absl::Time now_ = absl::UnixEpoch();
  Core core_{CoreOptions()};
};

TEST_F(JobLimitTest, HoldsForEachOwner) {
  EXPECT_TRUE(Submit("ada", "job-1").ok());
  EXPECT_TRUE(Submit("ada", "job-2").ok());
  const absl::Status refused = Submit("ada", "job-3");
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(refused.message(), HasSubstr("2 jobs of ada have not ended"));
  EXPECT_TRUE(Submit("bob", "job-4").ok());
}

TEST_F(JobLimitTest, RefusesNoRepeat) {
  EXPECT_TRUE(Submit("ada", "job-1").ok());
  EXPECT_TRUE(Submit("ada", "job-2").ok());
  EXPECT_TRUE(Submit("ada", "job-2").ok());
}

TEST_F(JobLimitTest, CountsNoJobThatHasEnded) {
  EXPECT_TRUE(Submit("ada", "job-1").ok());
  EXPECT_TRUE(Submit("ada", "job-2").ok());
  core_.Apply(CancelRequested{"job-1"}, now_);
  EXPECT_TRUE(Submit("ada", "job-3").ok());
}

}  // namespace
}  // namespace outerloop::coordinator
