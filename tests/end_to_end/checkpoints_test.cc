// Checkpoints: what can be made of them, which are kept, and what becomes of damaged ones.
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSteps = 200;
constexpr uint64_t kEvery = 50;

v1::JobSpec Job(const std::string& name) {
  v1::JobSpec spec = SmallMamlJob(name, kSteps);
  spec.mutable_checkpoints()->set_every_steps(kEvery);
  spec.clear_evaluations();
  return spec;
}

// Of the run that nothing happened to. Computed once.
const v1::Job& Undisturbed() {
  static const v1::Job job = [] {
    Cluster cluster;
    cluster.StartWorker();
    return cluster.Finish(cluster.Submit(Job("undisturbed")));
  }();
  return job;
}

std::string ParametersAt(const v1::Job& job, uint64_t step) {
  for (const v1::Checkpoint& checkpoint : job.checkpoints()) {
    if (checkpoint.step() == step) return checkpoint.parameters_sha256();
  }
  return absl::StrCat("no checkpoint of step ", step);
}

std::string FolderOfBlobs(const Cluster& cluster) { return cluster.folder() / "data/blobs"; }

std::string PathOfBlob(const Cluster& cluster, const std::string& sha256) {
  return absl::StrCat(FolderOfBlobs(cluster), "/", sha256.substr(0, 2), "/", sha256);
}

// The names of all files among the blobs.
std::set<std::string> Blobs(const Cluster& cluster) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(FolderOfBlobs(cluster))) {
    if (entry.is_regular_file()) names.insert(entry.path().filename().string());
  }
  return names;
}

// Those that there must be for this job: its checkpoints and its data set.
std::set<std::string> BlobsOf(const v1::Job& job) {
  std::set<std::string> names = {job.dataset_sha256()};
  for (const v1::Checkpoint& checkpoint : job.checkpoints()) names.insert(checkpoint.sha256());
  return names;
}

// Cancels the job once it is past `step` and has a checkpoint of it.
void CancelAfter(Cluster& cluster, const std::string& job_id, uint64_t step) {
  cluster.AwaitJob(job_id, [step](const v1::Job& job) {
    return job.step() >= step && job.checkpoint_step() >= step / kEvery * kEvery;
  });
  const auto cancelled = cluster.client().CancelJob(job_id);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
}

TEST(Checkpoints, AForkFromAnyOfThemThatDiffersInNothingEndsWithTheSameParameters) {
  Cluster cluster;
  cluster.StartWorker();
  cluster.StartWorker();
  const v1::Job parent = cluster.Finish(cluster.Submit(Job("parent")));
  ASSERT_EQ(parent.state(), v1::SUCCEEDED) << parent.reason();
  EXPECT_EQ(parent.parameters_sha256(), Undisturbed().parameters_sha256());
  for (uint64_t step = kEvery; step < kSteps; step += kEvery) {
    v1::JobSpec spec = Job(absl::StrCat("fork-", step));
    spec.mutable_start_from()->set_job("parent");
    spec.mutable_start_from()->set_step(step);
    std::vector<uint64_t> steps;
    const v1::Job fork =
        cluster.Finish(cluster.Submit(spec), [&steps](uint64_t done) { steps.push_back(done); });
    EXPECT_EQ(fork.state(), v1::SUCCEEDED) << fork.reason();
    EXPECT_EQ(fork.parameters_sha256(), parent.parameters_sha256()) << "from step " << step;
    EXPECT_EQ(fork.spec().start_from().job(), parent.job_id());
    ASSERT_EQ(steps.size(), kSteps - step);
    EXPECT_EQ(steps.front(), step + 1);
  }
}

TEST(Checkpoints, AForkMayDifferInItsTasks) {
  Cluster cluster;
  cluster.StartWorker();
  const v1::Job parent = cluster.Finish(cluster.Submit(Job("parent")));
  v1::JobSpec spec = Job("fork");
  spec.mutable_start_from()->set_job("parent");
  spec.mutable_training()->set_seed(7);
  spec.mutable_training()->set_steps(kSteps + 20);
  spec.mutable_meta_optimizer()->mutable_sgd()->set_rate(0.01);
  const v1::Job fork = cluster.Finish(cluster.Submit(spec));
  EXPECT_EQ(fork.state(), v1::SUCCEEDED) << fork.reason();
  EXPECT_EQ(fork.step(), kSteps + 20);
  EXPECT_NE(fork.parameters_sha256(), parent.parameters_sha256());
}

TEST(Checkpoints, AJobResumedFromAnyOfThemEndsWithTheSameParameters) {
  Cluster cluster;
  cluster.StartWorker();
  const std::string job_id = cluster.Submit(Job("resumed"));
  CancelAfter(cluster, job_id, 2 * kEvery);
  for (const uint64_t step : {uint64_t{0}, kEvery, 2 * kEvery}) {
    const auto resumed = cluster.client().ResumeJob(job_id, step);
    ASSERT_TRUE(resumed.ok()) << resumed.status();
    EXPECT_EQ(resumed->step(), step);
    if (step == 2 * kEvery) break;
    CancelAfter(cluster, job_id, 2 * kEvery);
    const auto job = cluster.client().GetJob(job_id);
    ASSERT_TRUE(job.ok());
    for (const uint64_t kept : {kEvery, 2 * kEvery}) {
      EXPECT_EQ(ParametersAt(*job, kept), ParametersAt(Undisturbed(), kept));
    }
  }
  std::vector<uint64_t> steps;
  const v1::Job job = cluster.Finish(job_id, [&steps](uint64_t step) { steps.push_back(step); });
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  EXPECT_EQ(job.parameters_sha256(), Undisturbed().parameters_sha256());
  ASSERT_EQ(steps.size(), kSteps);  // Without a gap or a repeat.
  for (uint64_t i = 0; i < kSteps; ++i) EXPECT_EQ(steps[i], i + 1);
}

TEST(Checkpoints, OnlyWhatIsToBeKeptStaysOnTheDisk) {
  Cluster cluster;
  cluster.StartWorker();
  v1::JobSpec spec = Job("kept");
  spec.mutable_checkpoints()->set_every_steps(10);
  spec.mutable_checkpoints()->set_keep_last(2);
  const v1::Job job = cluster.Finish(cluster.Submit(spec));
  ASSERT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  std::set<uint64_t> kept;
  int best = 0;
  for (const v1::Checkpoint& checkpoint : job.checkpoints()) {
    kept.insert(checkpoint.step());
    best += checkpoint.best();
  }
  EXPECT_TRUE(kept.contains(kSteps) && kept.contains(kSteps - 10));
  EXPECT_LE(kept.size(), 3u);
  EXPECT_EQ(best, 1);
  EXPECT_EQ(Blobs(cluster), BlobsOf(job));
}

TEST(Checkpoints, ADamagedOneIsRefusedAndAnEarlierOneTakesItsPlace) {
  Cluster cluster;
  cluster.StartWorker();
  const std::string job_id = cluster.Submit(Job("damaged"));
  const v1::Job before = cluster.AwaitJob(
      job_id, [](const v1::Job& job) { return job.checkpoint_step() >= 2 * kEvery; });
  cluster.worker(0).Kill();
  const std::string path =
      PathOfBlob(cluster, before.checkpoints(before.checkpoints_size() - 1).sha256());
  std::string bytes = ReadFile(path).value();
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(path, std::ios::binary) << bytes;

  EXPECT_TRUE(absl::IsDataLoss(cluster.client()
                                   .DownloadArtifact(job_id, before.checkpoint_step(),
                                                     cluster.folder() / "download",
                                                     [](uint64_t, uint64_t) {})
                                   .status()));
  cluster.StartWorker();
  const v1::Job failed = cluster.Finish(job_id);
  EXPECT_EQ(failed.state(), v1::FAILED);
  EXPECT_THAT(failed.reason(), HasSubstr("it was damaged"));

  ASSERT_TRUE(cluster.client().ResumeJob(job_id, kEvery).ok());
  const v1::Job job = cluster.Finish(job_id);
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  EXPECT_EQ(job.parameters_sha256(), Undisturbed().parameters_sha256());
}

TEST(Checkpoints, AKilledCoordinatorLeavesNeitherARecordWithoutAFileNorAFileTooMany) {
  Cluster cluster;
  cluster.StartWorker();
  v1::JobSpec spec = Job("killed");
  spec.mutable_checkpoints()->set_every_steps(1);  // Something is always on its way.
  spec.mutable_checkpoints()->set_keep_last(1);
  const std::string job_id = cluster.Submit(spec);
  for (const uint64_t step : {15, 40, 70, 100, 140}) {
    cluster.AwaitJob(job_id, [step](const v1::Job& job) { return job.step() >= step; });
    cluster.KillCoordinator();
    cluster.worker(cluster.worker_count() - 1).Kill();
    cluster.StartCoordinator();
    const auto job = cluster.client().GetJob(job_id);
    ASSERT_TRUE(job.ok()) << job.status();
    EXPECT_GE(job->checkpoints_size(), 1);
    EXPECT_EQ(Blobs(cluster), BlobsOf(*job)) << "killed at step " << job->step();
    for (const v1::Checkpoint& checkpoint : job->checkpoints()) {
      EXPECT_EQ(Sha256Hex(ReadFile(PathOfBlob(cluster, checkpoint.sha256())).value()),
                checkpoint.sha256());
    }
    cluster.StartWorker();
  }
  const v1::Job job = cluster.Finish(job_id);
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  EXPECT_EQ(job.parameters_sha256(), Undisturbed().parameters_sha256());
}

}  // namespace
}  // namespace outerloop::tests
