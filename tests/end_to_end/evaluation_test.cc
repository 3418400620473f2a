// Evaluations by real processes: the same scores, whoever computes them.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/cluster.h"

namespace outerloop::tests {
namespace {

using ::testing::SizeIs;

using OnUpdate = std::function<void(const v1::Evaluation&)>;

struct Scored {
  v1::Evaluation evaluation;
  std::vector<v1::ScoreSeries> series;
  std::vector<v1::EpisodeSample> samples;
};

class EvaluationTest : public testing::Test {
 protected:
  void SetUp() override {
    cluster_.StartWorker();
    job_ = cluster_.Submit(SmallMamlJob("scored", /*steps=*/3));
    ASSERT_EQ(cluster_.Finish(job_).state(), v1::SUCCEEDED);
  }

  Scored Score(
      const std::string& job, const OnUpdate& on_update = [](const v1::Evaluation&) {}) {
    v1::EvaluationSpec spec;
    spec.set_split(v1::TEST);
    spec.set_tasks(300);
    spec.set_seed(7);
    spec.add_inner_steps(1);
    spec.add_inner_steps(3);
    auto evaluation = cluster_.client().EvaluateJob(job, std::nullopt, spec, on_update);
    EXPECT_TRUE(evaluation.ok()) << evaluation.status() << cluster_.Logs();
    if (!evaluation.ok()) return {};
    auto series = cluster_.client().ListScores(evaluation->evaluation_id());
    EXPECT_TRUE(series.ok()) << series.status();
    auto samples = cluster_.client().ListEpisodeSamples(evaluation->evaluation_id());
    EXPECT_TRUE(samples.ok()) << samples.status();
    return {*evaluation, series.value_or(std::vector<v1::ScoreSeries>()),
            samples.value_or(std::vector<v1::EpisodeSample>())};
  }

  static void ExpectEqual(const Scored& one, const Scored& other) {
    ASSERT_THAT(one.samples, SizeIs(3));
    ASSERT_THAT(other.samples, SizeIs(3));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(one.samples[i].score(), one.series.back().scores(i));
      EXPECT_EQ(one.samples[i].SerializeAsString(), other.samples[i].SerializeAsString());
    }
    ASSERT_THAT(one.series, SizeIs(4));
    ASSERT_THAT(other.series, SizeIs(4));
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(one.series[i].scores_size(), 300);
      EXPECT_EQ(one.series[i].SerializeAsString(), other.series[i].SerializeAsString());
      EXPECT_EQ(one.evaluation.results(i).SerializeAsString(),
                other.evaluation.results(i).SerializeAsString());
    }
  }

  Cluster cluster_;
  std::string job_;
};

TEST_F(EvaluationTest, GivesTheSameScoresOnOneWorkerAndOnThree) {
  const Scored alone = Score(job_);
  cluster_.StartWorker();
  cluster_.StartWorker();
  cluster_.AwaitWorkers(3);
  ExpectEqual(alone, Score(job_));
}

TEST_F(EvaluationTest, GivesTheSameScoresWhenAWorkerIsKilledMeanwhile) {
  const Scored undisturbed = Score(job_);
  cluster_.StartWorker();
  cluster_.AwaitWorkers(2);
  bool killed = false;
  const Scored disturbed = Score(job_, [&](const v1::Evaluation& now) {
    if (killed || now.tasks_done() == 0) return;
    killed = true;
    cluster_.worker(0).Kill();
  });
  EXPECT_TRUE(killed);
  ExpectEqual(undisturbed, disturbed);
}

// Two models are compared task by task: they are scored on the same tasks though they were trained
// with different seeds.
TEST_F(EvaluationTest, ScoresJobsOfDifferentSeedsOnTheSameTasks) {
  v1::JobSpec untrained = SmallMamlJob("same", /*steps=*/3);
  untrained.mutable_training()->set_seed(untrained.training().seed() + 1);
  // It begins where the other ended and learns nothing, so that all that can differ is the tasks.
  untrained.mutable_start_from()->set_job(job_);
  untrained.mutable_training()->set_steps(4);
  untrained.mutable_meta_optimizer()->mutable_sgd()->set_rate(1e-30);
  const std::string other = cluster_.Submit(untrained);
  ASSERT_EQ(cluster_.Finish(other).state(), v1::SUCCEEDED) << cluster_.Logs();
  ExpectEqual(Score(job_), Score(other));
}

}  // namespace
}  // namespace outerloop::tests
