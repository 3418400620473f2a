// The invariant: the parameters are a function of the specification, whatever happens.
#include <signal.h>

#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

constexpr uint64_t kSteps = 200;

// What a run leaves behind that must not depend on how it went.
struct Outcome {
  std::string parameters_sha256;
  double mean = 0;
  double ci95 = 0;

  bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << outcome.parameters_sha256 << ", accuracy " << outcome.mean << " +- " << outcome.ci95;
}

Outcome OutcomeOf(const v1::Job& job) {
  EXPECT_EQ(job.state(), v1::SUCCEEDED) << job.reason();
  EXPECT_EQ(job.step(), kSteps);
  EXPECT_EQ(job.parameters_sha256().size(), 64u);
  EXPECT_EQ(job.evaluations_size(), 1);
  if (job.evaluations_size() == 0 || job.evaluations(0).results_size() == 0) return {};
  const v1::EvaluationResult& result = job.evaluations(0).results(0);
  return {job.parameters_sha256(), result.mean(), result.ci95()};
}

// The run that nothing happened to, on one worker with one thread. Computed once.
const Outcome& Expected() {
  static const Outcome expected = [] {
    Cluster cluster;
    cluster.StartWorker();
    return OutcomeOf(cluster.Finish(cluster.Submit(SmallMamlJob("plain", kSteps))));
  }();
  return expected;
}

TEST(SameBits, OnTwoWorkersAsOnOne) {
  Cluster cluster;
  cluster.StartWorker();
  cluster.StartWorker();
  cluster.AwaitWorkers(2);
  v1::JobSpec spec = SmallMamlJob("two", kSteps);
  spec.mutable_workers()->set_min(2);
  EXPECT_EQ(OutcomeOf(cluster.Finish(cluster.Submit(spec))), Expected());
}

TEST(SameBits, OnThreeWorkersWithDifferentThreads) {
  Cluster cluster;
  for (const int threads : {1, 2, 3}) cluster.StartWorker(threads);
  cluster.AwaitWorkers(3);
  v1::JobSpec spec = SmallMamlJob("three", kSteps);
  spec.mutable_workers()->set_min(3);
  EXPECT_EQ(OutcomeOf(cluster.Finish(cluster.Submit(spec))), Expected());
}

TEST(SameBits, WhenAWorkerIsKilledMidway) {
  Cluster cluster;
  cluster.StartWorker();
  Process& victim = cluster.StartWorker();
  cluster.AwaitWorkers(2);
  v1::JobSpec spec = SmallMamlJob("killed", kSteps);
  spec.mutable_workers()->set_min(2);
  const std::string job_id = cluster.Submit(spec);
  const v1::Job job = cluster.Finish(job_id, [&](uint64_t step) {
    if (step != kSteps / 3) return;
    victim.Kill();
    cluster.StartWorker();  // Two are needed: the job waits for this one.
  });
  EXPECT_EQ(OutcomeOf(job), Expected());
  EXPECT_GE(job.generation(), 2u);  // It did not end before the kill.
}

TEST(SameBits, WhenAllWorkersAreKilledAndOthersCome) {
  Cluster cluster;
  cluster.StartWorker();
  cluster.StartWorker();
  const std::string job_id = cluster.Submit(SmallMamlJob("all-killed", kSteps));
  const v1::Job job = cluster.Finish(job_id, [&](uint64_t step) {
    if (step != kSteps / 2) return;
    cluster.worker(0).Kill();
    cluster.worker(1).Kill();
    cluster.StartWorker();
  });
  EXPECT_EQ(OutcomeOf(job), Expected());
  EXPECT_GE(job.generation(), 2u);
}

TEST(SameBits, WhenWorkersJoinOneByOne) {
  Cluster cluster;
  cluster.StartWorker();
  const std::string job_id = cluster.Submit(SmallMamlJob("joined", kSteps));
  const v1::Job job = cluster.Finish(job_id, [&](uint64_t step) {
    if (step == 5 || step == 20) cluster.StartWorker();
  });
  EXPECT_EQ(OutcomeOf(job), Expected());
  EXPECT_GE(job.generation(), 2u);
}

TEST(SameBits, WhenTheCoordinatorIsKilledMidway) {
  Cluster cluster;
  cluster.StartWorker();
  cluster.StartWorker();
  const std::string job_id = cluster.Submit(SmallMamlJob("coordinator", kSteps));
  std::vector<uint64_t> steps;
  const v1::Job job = cluster.Finish(job_id, [&](uint64_t step) {
    steps.push_back(step);
    if (step != 15 && step != 40) return;
    cluster.KillCoordinator();
    cluster.StartCoordinator();
  });
  EXPECT_EQ(OutcomeOf(job), Expected());
  // The watch went on without a gap or a repeat.
  ASSERT_EQ(steps.size(), kSteps);
  for (uint64_t i = 0; i < kSteps; ++i) EXPECT_EQ(steps[i], i + 1);
}

TEST(SameBits, WhereEveryStepDrawsItsShots) {
  const auto outcome = [](uint32_t workers) {
    Cluster cluster;
    for (uint32_t i = 0; i < workers; ++i) cluster.StartWorker();
    cluster.AwaitWorkers(workers);
    v1::JobSpec spec = SmallMamlJob("pixels", kSteps);
    v1::ImageCompletion& episode = *spec.mutable_episode()->mutable_image_completion();
    episode.set_shots(5);
    episode.set_max_shots(40);
    episode.set_queries(50);
    spec.mutable_model()->mutable_mlp()->add_hidden(16);
    spec.mutable_algorithm()->mutable_cnp()->set_representation(8);
    spec.mutable_workers()->set_min(workers);
    return OutcomeOf(cluster.Finish(cluster.Submit(spec)));
  };
  EXPECT_EQ(outcome(3), outcome(1));
}

TEST(SameBits, AnotherSeedGivesOtherBits) {
  Cluster cluster;
  cluster.StartWorker();
  v1::JobSpec spec = SmallMamlJob("seed", kSteps);
  spec.mutable_training()->set_seed(1);
  EXPECT_NE(OutcomeOf(cluster.Finish(cluster.Submit(spec))), Expected());
}

TEST(SameBits, AWorkerThatIsToldToStopLeavesCleanly) {
  Cluster cluster;
  cluster.StartWorker();
  Process& leaver = cluster.StartWorker();
  cluster.AwaitWorkers(2);
  const std::string job_id = cluster.Submit(SmallMamlJob("leaver", kSteps));
  const v1::Job job = cluster.Finish(job_id, [&](uint64_t step) {
    if (step == 20) leaver.Signal(SIGTERM);
  });
  EXPECT_EQ(OutcomeOf(job), Expected());
  EXPECT_EQ(leaver.Wait(), 0);
}

}  // namespace
}  // namespace outerloop::tests
