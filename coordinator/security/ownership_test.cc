#include "coordinator/security/ownership.h"

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

const Caller kAda = {Role::kClient, "ada"};
const Caller kBob = {Role::kClient, "bob"};
const Caller kRoot = {Role::kAdmin, "root"};
const Caller kWorkerAda = {Role::kWorker, "ada"};
const Caller kGone = {};  // Whose token is no more.

v1::Job JobOf(const std::string& owner) {
  v1::Job job;
  job.mutable_spec()->mutable_queue()->set_owner(owner);
  return job;
}

v1::Dataset DatasetOf(const std::string& owner) {
  v1::Dataset dataset;
  dataset.set_owner(owner);
  return dataset;
}

TEST(Ownership, OfAJobIsItsOwnersAndAdmins) {
  EXPECT_TRUE(MaySee(kAda, JobOf("ada")));
  EXPECT_FALSE(MaySee(kBob, JobOf("ada")));
  EXPECT_TRUE(MaySee(kRoot, JobOf("ada")));
  EXPECT_FALSE(MaySee(kWorkerAda, JobOf("ada")));
  EXPECT_TRUE(MaySee(Anybody(), JobOf("ada")));
}

TEST(Ownership, OfASweepIsThatOfItsTrials) {
  v1::Sweep sweep;
  EXPECT_FALSE(MaySee(kAda, sweep));
  *sweep.mutable_spec()->add_trials()->mutable_job() = JobOf("ada").spec();
  EXPECT_TRUE(MaySee(kAda, sweep));
  EXPECT_FALSE(MaySee(kBob, sweep));
  EXPECT_FALSE(MaySee(kWorkerAda, sweep));
  EXPECT_TRUE(MaySee(kRoot, sweep));
}

TEST(Ownership, OfNobodyIsAdminsForJobsAndEverybodysForDataSets) {
  EXPECT_FALSE(MaySee(kAda, JobOf("")));
  EXPECT_FALSE(MaySee(kGone, JobOf("")));
  EXPECT_TRUE(MaySee(kRoot, JobOf("")));
  EXPECT_TRUE(MayUse(kAda, DatasetOf("")));
  EXPECT_FALSE(MayChange(kAda, DatasetOf("")));
  EXPECT_FALSE(MayChange(kGone, DatasetOf("")));
  EXPECT_TRUE(MayChange(kRoot, DatasetOf("")));
}

TEST(Ownership, OfADataSetIsItsOwnersAndAdmins) {
  EXPECT_TRUE(MayUse(kAda, DatasetOf("ada")));
  EXPECT_TRUE(MayChange(kAda, DatasetOf("ada")));
  EXPECT_FALSE(MayUse(kBob, DatasetOf("ada")));
  EXPECT_FALSE(MayChange(kBob, DatasetOf("ada")));
  EXPECT_TRUE(MayChange(kRoot, DatasetOf("ada")));
}

TEST(Ownership, ComesFromTheCredentialsAndForAdminsFromTheRequest) {
  EXPECT_EQ(OwnerOfJob(kAda, "bob"), "ada");
  EXPECT_EQ(OwnerOfJob(kRoot, "bob"), "bob");
  EXPECT_EQ(OwnerOfJob(kRoot, ""), "root");
  EXPECT_EQ(OwnerOfJob(Anybody(), "bob"), "bob");
  EXPECT_EQ(OwnerOfJob(Anybody(), ""), "");
  EXPECT_EQ(OwnerOfDataset(kAda), "ada");
  EXPECT_EQ(OwnerOfDataset(kRoot), "");
}

TEST(Ownership, KeepsRequestIdsApart) {
  EXPECT_NE(RequestIdOf(kAda, "1"), RequestIdOf(kBob, "1"));
  EXPECT_EQ(RequestIdOf(kAda, "1"), RequestIdOf(kAda, "1"));
  EXPECT_EQ(RequestIdOf(Anybody(), "1"), "1");
}

}  // namespace
}  // namespace outerloop::coordinator
