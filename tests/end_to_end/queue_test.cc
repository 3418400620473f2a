// Jobs that share workers: who goes first, who gives way, and that it changes no bit.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/proto_time.h"
#include "gtest/gtest.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

v1::JobSpec Queued(v1::JobSpec spec, const std::string& owner, int32_t priority) {
  spec.mutable_queue()->set_owner(owner);
  spec.mutable_queue()->set_priority(priority);
  return spec;
}

v1::JobSpec OnOneWorker(v1::JobSpec spec) {
  spec.mutable_workers()->set_max(1);
  return spec;
}

// What a job comes to that has one worker to itself. Computed once for each number of steps.
const std::string& DigestAlone(uint64_t steps) {
  static std::map<uint64_t, std::string> digests;
  std::string& digest = digests[steps];
  if (!digest.empty()) return digest;
  Cluster cluster;
  cluster.StartWorker();
  digest = cluster.Finish(cluster.Submit(SinusoidJob("alone", steps))).parameters_sha256();
  return digest;
}

// Earliest first step first.
std::vector<v1::Job> ByStart(std::vector<v1::Job> jobs) {
  std::sort(jobs.begin(), jobs.end(), [](const v1::Job& a, const v1::Job& b) {
    return FromTimestamp(a.started()) < FromTimestamp(b.started());
  });
  return jobs;
}

TEST(Queue, TenJobsOfMixedPrioritiesAndOwnersTakeTurnsOnThreeWorkersAndKeepTheirBits) {
  constexpr uint64_t kLow = 3000, kHigh = 300, kNormal = 600;
  Cluster cluster;
  for (int i = 0; i < 3; ++i) cluster.StartWorker();
  cluster.AwaitWorkers(3);

  // It takes all that there are.
  const std::string low = cluster.Submit(Queued(SinusoidJob("low", kLow), "dora", -5));
  cluster.AwaitJob(low, [](const v1::Job& job) { return job.workers() == 3 && job.step() > 0; });

  std::vector<std::string> high, normal;
  for (const char* name : {"high-1", "high-2", "high-3"}) {
    high.push_back(
        cluster.Submit(Queued(OnOneWorker(SinusoidJob(name, kHigh)), "carol", /*priority=*/10)));
  }
  for (const auto& [name, owner] :
       std::vector<std::pair<const char*, const char*>>{{"anna-1", "anna"},
                                                        {"anna-2", "anna"},
                                                        {"anna-3", "anna"},
                                                        {"anna-4", "anna"},
                                                        {"bob-1", "bob"},
                                                        {"bob-2", "bob"}}) {
    normal.push_back(cluster.Submit(Queued(OnOneWorker(SinusoidJob(name, kNormal)), owner, 0)));
  }

  // It gives all of them back, with a checkpoint of the step that it has come to.
  const v1::Job waiting = cluster.AwaitJob(low, [](const v1::Job& job) {
    return job.state() == v1::QUEUED && absl::StrContains(job.reason(), "gave way to job");
  });
  EXPECT_EQ(waiting.state(), v1::QUEUED) << waiting.ShortDebugString();
  EXPECT_EQ(waiting.checkpoint_step(), waiting.step());
  EXPECT_EQ(waiting.workers(), 0u);

  const absl::Time all_wait = absl::Now();
  std::vector<v1::Job> high_jobs, normal_jobs;
  for (const std::string& id : high) high_jobs.push_back(cluster.Finish(id));
  for (const std::string& id : normal) normal_jobs.push_back(cluster.Finish(id));
  const v1::Job low_job = cluster.Finish(low);

  for (const v1::Job& job : high_jobs) EXPECT_EQ(job.parameters_sha256(), DigestAlone(kHigh));
  for (const v1::Job& job : normal_jobs) EXPECT_EQ(job.parameters_sha256(), DigestAlone(kNormal));
  EXPECT_EQ(low_job.state(), v1::SUCCEEDED) << low_job.reason();
  EXPECT_EQ(low_job.parameters_sha256(), DigestAlone(kLow));
  EXPECT_GE(low_job.generation(), 2u);

  high_jobs = ByStart(high_jobs);
  normal_jobs = ByStart(normal_jobs);
  EXPECT_LE(FromTimestamp(high_jobs.back().started()), FromTimestamp(normal_jobs[0].started()));
  EXPECT_EQ(normal_jobs[0].spec().name(), "anna-1") << "the first of those that wait alike";
  // Whoever has a worker lets the other owner go first, if that is there by then.
  const absl::Time second = FromTimestamp(normal_jobs[1].started());
  if (second > all_wait && second < FromTimestamp(normal_jobs[0].finished())) {
    EXPECT_EQ(normal_jobs[1].spec().name(), "bob-1");
  }
}

TEST(Queue, APausedJobGoesOnToTheSameBitsAlsoOverAKilledCoordinator) {
  constexpr uint64_t kSteps = 3000;
  Cluster cluster;
  cluster.StartWorker();
  cluster.StartWorker();
  const std::string job_id = cluster.Submit(SinusoidJob("paused", kSteps));
  cluster.AwaitJob(job_id, [](const v1::Job& job) { return job.step() > 0; });
  ASSERT_TRUE(cluster.client().PauseJob(job_id).ok());
  const v1::Job paused =
      cluster.AwaitJob(job_id, [](const v1::Job& job) { return job.state() == v1::PAUSED; });
  ASSERT_EQ(paused.state(), v1::PAUSED) << paused.ShortDebugString();
  EXPECT_GT(paused.step(), 0u);
  EXPECT_LT(paused.step(), kSteps);
  EXPECT_EQ(paused.checkpoint_step(), paused.step());
  EXPECT_EQ(paused.workers(), 0u);

  // Its workers are free.
  const v1::Job other = cluster.Finish(cluster.Submit(SinusoidJob("other", 300)));
  EXPECT_EQ(other.parameters_sha256(), DigestAlone(300));

  cluster.KillCoordinator();
  cluster.StartCoordinator();
  const auto still = cluster.client().GetJob(job_id);
  ASSERT_TRUE(still.ok()) << still.status();
  EXPECT_EQ(still->state(), v1::PAUSED);
  EXPECT_EQ(still->step(), paused.step());

  ASSERT_TRUE(cluster.client().ResumeJob(job_id, std::nullopt).ok());
  std::vector<uint64_t> steps;
  const v1::Job job = cluster.Finish(job_id, [&steps](uint64_t step) { steps.push_back(step); });
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  EXPECT_EQ(job.parameters_sha256(), DigestAlone(kSteps));
  ASSERT_EQ(steps.size(), kSteps);  // Without a gap or a repeat.
  for (uint64_t i = 0; i < kSteps; ++i) EXPECT_EQ(steps[i], i + 1);
}

TEST(Queue, ADeletedJobLeavesNoFile) {
  Cluster cluster;
  cluster.StartWorker();
  const std::string job_id = cluster.Submit(SinusoidJob("deleted", 50));
  EXPECT_TRUE(absl::IsFailedPrecondition(cluster.client().DeleteJob(job_id).status()));
  ASSERT_EQ(cluster.Finish(job_id).state(), v1::SUCCEEDED);
  const auto files = [&cluster] {
    std::set<std::string> names;
    const std::string folder = cluster.folder() / "data/blobs";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) names.insert(entry.path().filename().string());
    }
    return names;
  };
  EXPECT_EQ(files().size(), 1u);
  const auto deleted = cluster.client().DeleteJob("deleted");
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(*deleted, job_id);
  EXPECT_TRUE(files().empty());
  EXPECT_TRUE(absl::IsNotFound(cluster.client().GetJob(job_id).status()));
  EXPECT_TRUE(absl::IsNotFound(cluster.client().DeleteJob(job_id).status()));
}

}  // namespace
}  // namespace outerloop::tests
