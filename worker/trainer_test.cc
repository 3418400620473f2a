#include "worker/trainer.h"

#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "common/atomic_file.h"
#include "common/sha256.h"
#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/testing/specifications.h"

namespace outerloop::worker {
namespace {

using testing::HasSubstr;

// A job, its data and the shards of its steps.
struct Job {
  v1::JobSpec spec;
  std::string dataset;  // Empty for the sinusoid.
  meta::BackEnd back_end = {};

  std::vector<Shard> Shards(uint64_t step) const {
    std::vector<Shard> shards;
    for (const v1::Shard& shard : ShardsOfStep(spec, dataset, step)) {
      shards.push_back(FromProto(shard));
    }
    return shards;
  }

  std::shared_ptr<const Experiment> MakeExperiment() const {
    if (dataset.empty()) return Experiment::Create(spec, "", nullptr, back_end).value();
    const TestFolder folder;
    EXPECT_TRUE(WriteFileAtomically(folder / "data", dataset).ok());
    auto file = MappedFile::Open(folder / "data").value();
    return Experiment::Create(spec, Sha256Hex(dataset), std::move(file), back_end).value();
  }
};

Job Curves() { return {SinusoidSpec(), ""}; }
Job Shapes() { return {ClassificationSpec(), SmallDataset()}; }
Job Pixels() { return {ImageCompletionSpec(), SmallDataset()}; }

// With a network that the kernels of meta/cpu compute, where the CPU has any.
Job ShapesByKernels() {
  Job job = Shapes();
  job.spec.set_name("shapes_by_kernels");
  job.spec.mutable_model()->mutable_conv4()->set_filters(16);
  if (const auto best = meta::cpu::BestInstructionSet()) job.back_end = meta::BackEnd(*best);
  return job;
}

// A trainer with a pool of its own, in the initial state.
struct Worker {
  Worker(const Job& job, int threads)
      : pool(threads, ComputeOnThisThreadAlone), trainer(job.MakeExperiment(), Device(), pool) {
    trainer.set_state(trainer.InitialState().value());
  }

  ComputePool pool;
  Trainer trainer;
};

std::vector<int64_t> Words(ExactSum sum) { return {sum.words().begin(), sum.words().end()}; }

// The step's sums, each shard computed by one of `workers`.
ExactSum SumOver(const std::vector<std::unique_ptr<Worker>>& workers,
                 const std::vector<Shard>& shards) {
  std::vector<std::vector<Shard>> dealt(workers.size());
  for (size_t i = 0; i < shards.size(); ++i) dealt[i % workers.size()].push_back(shards[i]);
  ExactSum sum = workers[0]->trainer.ComputeShards(dealt[0], Cancellation()).value();
  for (size_t w = 1; w < workers.size(); ++w) {
    sum.Merge(workers[w]->trainer.ComputeShards(dealt[w], Cancellation()).value());
  }
  return sum;
}

using Group = std::vector<std::unique_ptr<Worker>>;

Group GroupOf(const Job& job, int members) {
  Group group;
  for (int i = 0; i < members; ++i)
    group.push_back(std::make_unique<Worker>(job, /*threads=*/i + 1));
  return group;
}

class TrainerTest : public testing::TestWithParam<Job (*)()> {};

TEST_P(TrainerTest, GivesTheSameBitsForAnyNumberOfThreadsAndWorkers) {
  const Job job = GetParam()();
  std::vector<std::vector<std::unique_ptr<Worker>>> groups(4);
  groups[0].push_back(std::make_unique<Worker>(job, /*threads=*/1));
  groups[1].push_back(std::make_unique<Worker>(job, /*threads=*/2));
  groups[2].push_back(std::make_unique<Worker>(job, /*threads=*/5));
  groups[3].push_back(std::make_unique<Worker>(job, /*threads=*/1));
  groups[3].push_back(std::make_unique<Worker>(job, /*threads=*/3));
  for (uint64_t step = 1; step <= 4; ++step) {
    const std::vector<Shard> shards = job.Shards(step);
    const std::vector<int64_t> expected = Words(SumOver(groups[0], shards));
    std::vector<Sha256Digest> digests;
    for (const auto& group : groups) {
      const ExactSum sum = SumOver(group, shards);
      EXPECT_EQ(Words(sum), expected) << "step " << step;
      for (const auto& worker : group) {
        const auto metrics = worker->trainer.Apply(sum);
        ASSERT_TRUE(metrics.ok()) << metrics.status();
        EXPECT_EQ(metrics->step(), step);
        digests.push_back(worker->trainer.state()->ParametersDigest());
      }
    }
    for (const Sha256Digest& digest : digests) EXPECT_EQ(ToHex(digest), ToHex(digests[0]));
  }
}

TEST_P(TrainerTest, GivesTheSameScoresForAnyNumberOfThreads) {
  const Job job = GetParam()();
  v1::EvaluationSpec evaluation;
  evaluation.set_split(v1::TEST);
  for (const uint32_t steps : {0, 1, 3}) evaluation.add_inner_steps(steps);
  const Shard shard = FromProto(EvaluationShard(job.spec, job.dataset, evaluation, /*tasks=*/7));
  const auto one = Worker(job, 1).trainer.Evaluate(shard, evaluation);
  const auto four = Worker(job, 4).trainer.Evaluate(shard, evaluation);
  ASSERT_TRUE(one.ok() && four.ok()) << one.status() << four.status();
  ASSERT_EQ(one->series.size(), four->series.size());
  EXPECT_EQ(one->series.size() % 3, 0u);
  for (size_t i = 0; i < one->series.size(); ++i) {
    EXPECT_EQ(one->series[i].scores_size(), 7);
    EXPECT_EQ(one->series[i].SerializeAsString(), four->series[i].SerializeAsString());
  }
}

std::string JobName(const testing::TestParamInfo<Job (*)()>& job) {
  return job.param().spec.name();
}

// Shards of an evaluation are as long as those of training; who computes them changes nothing.
TEST_P(TrainerTest, SamplesTheFirstTasksOfAnEvaluationWhoeverComputesThem) {
  const Job job = GetParam()();
  v1::EvaluationSpec evaluation;
  evaluation.set_split(v1::TEST);
  for (uint32_t steps : {0, 2}) evaluation.add_inner_steps(steps);
  const Shard whole = FromProto(EvaluationShard(job.spec, job.dataset, evaluation, /*tasks=*/8));
  const Group group = GroupOf(job, 3);
  const ShardScores at_once = group[0]->trainer.Evaluate(whole, evaluation).value();
  ASSERT_EQ(at_once.samples.size(), 3u);
  std::vector<std::string> dealt;
  for (uint32_t shard = 0; shard < 4; ++shard) {
    const Shard part = {shard,
                        {whole.tasks.begin() + 2 * shard, whole.tasks.begin() + 2 * shard + 2}};
    const auto scores = group[shard % 3]->trainer.Evaluate(part, evaluation).value();
    for (const v1::EpisodeSample& sample : scores.samples) {
      dealt.push_back(sample.SerializeAsString());
    }
  }
  const v1::ScoreSeries& last = at_once.series.back();
  ASSERT_EQ(dealt.size(), 3u);
  for (uint32_t task = 0; task < 3; ++task) {
    const v1::EpisodeSample& sample = at_once.samples[task];
    EXPECT_EQ(sample.task(), task);
    EXPECT_EQ(sample.mode(), v1::INDUCTIVE);
    EXPECT_EQ(sample.inner_steps(), last.inner_steps());
    EXPECT_EQ(sample.score(), last.scores(static_cast<int>(task)));
    EXPECT_EQ(sample.SerializeAsString(), dealt[task]);
  }
}

// What a sample says of every query comes to its task's score.
TEST(TrainerSampleTest, CountsItsRightAnswersAsTheScoreDoes) {
  const Job job = Shapes();
  v1::EvaluationSpec evaluation;
  evaluation.set_split(v1::TEST);
  evaluation.add_inner_steps(1);
  const Shard shard = FromProto(EvaluationShard(job.spec, job.dataset, evaluation, /*tasks=*/2));
  Worker worker(job, /*threads=*/1);
  const ShardScores scores = worker.trainer.Evaluate(shard, evaluation).value();
  ASSERT_FALSE(scores.samples.empty());
  for (const v1::EpisodeSample& sample : scores.samples) {
    float right = 0, all = 0;
    for (int way = 0; way < sample.classification().classes_size(); ++way) {
      for (const v1::SampledQuery& query : sample.classification().classes(way).queries()) {
        right += query.predicted() == static_cast<uint32_t>(way) ? 1 : 0;
        ++all;
      }
    }
    EXPECT_FLOAT_EQ(sample.score(), right / all);
  }
}

INSTANTIATE_TEST_SUITE_P(Jobs, TrainerTest,
                         testing::Values(&Curves, &Shapes, &ShapesByKernels, &Pixels), JobName);

TEST(TrainerAnnealingTest, KnowsWhichStepItTakes) {
  const auto words = [](double early_loss_weight, uint64_t steps_done) {
    Job job = Curves();
    job.spec.mutable_algorithm()->mutable_maml()->set_early_loss_weight(early_loss_weight);
    job.spec.mutable_algorithm()->mutable_maml()->set_early_loss_decay_steps(1);
    Worker worker(job, /*threads=*/1);
    TrainingState state = *worker.trainer.state();
    state.step = steps_done;
    worker.trainer.set_state(std::move(state));
    return Words(worker.trainer.ComputeShards(job.Shards(1), Cancellation()).value());
  };
  EXPECT_NE(words(/*early_loss_weight=*/1, /*steps_done=*/0), words(0, 0));
  EXPECT_EQ(words(1, 1), words(0, 1));
}

// Images of held-out classes are flat as those that were trained on: that their grey is the one of
// the given pixels raises the log-likelihood of the others by more than half a nat.
TEST(TrainerLearningTest, CompletesImagesByANeuralProcess) {
  Job job = Pixels();
  job.dataset = FlatDataset();
  job.spec.mutable_algorithm()->mutable_cnp()->set_representation(16);
  v1::EvaluationSpec evaluation;
  evaluation.set_split(v1::TEST);
  evaluation.add_inner_steps(0);
  const Shard test = FromProto(EvaluationShard(job.spec, job.dataset, evaluation, /*tasks=*/50));
  Worker worker(job, /*threads=*/2);
  const auto score = [&] {
    const v1::ScoreSeries series = worker.trainer.Evaluate(test, evaluation).value().series.at(0);
    EXPECT_EQ(series.metric(), "log_likelihood");
    return std::accumulate(series.scores().begin(), series.scores().end(), 0.0) / 50;
  };
  const double before = score();
  for (uint64_t step = 1; step <= job.spec.training().steps(); ++step) {
    const auto sum = worker.trainer.ComputeShards(job.Shards(step), Cancellation());
    ASSERT_TRUE(worker.trainer.Apply(sum.value()).ok());
  }
  EXPECT_GT(score(), before + 0.5);
}

TEST(TrainerBackEndTest, ComputesByTheOneOfItsExperiment) {
  Job by_layers = ShapesByKernels();
  by_layers.back_end = meta::BackEnd();
  if (by_layers.back_end.name() == ShapesByKernels().back_end.name()) {
    GTEST_SKIP() << "no kernels for this CPU";
  }
  const std::vector<Shard> shards = by_layers.Shards(1);
  const auto words = [&](const Job& job) { return Words(SumOver(GroupOf(job, 1), shards)); };
  EXPECT_EQ(words(by_layers), words(by_layers));
  EXPECT_NE(words(by_layers), words(ShapesByKernels()));
}

// Experiments do so on any device; that one does it as the hardware of GPUs, CheckPrecision knows.
TEST(TrainerPrecisionTest, RoundsProductsAsTheJobAsks) {
  const auto words = [](v1::Training::ProductPrecision precision) {
    Job job = Curves();
    job.spec.mutable_training()->set_product_precision(precision);
    return Words(SumOver(GroupOf(job, 1), job.Shards(1)));
  };
  const std::vector<int64_t> exact = words(v1::Training::FLOAT32);
  EXPECT_EQ(words(v1::Training::PRODUCT_PRECISION_UNSPECIFIED), exact);
  EXPECT_NE(words(v1::Training::BFLOAT16), exact);
}

TEST(TrainerMetricsTest, ReportsMeansAndAnAccuracyForClassificationOnly) {
  Worker shapes(Shapes(), 2), curves(Curves(), 2);
  const auto sum = shapes.trainer.ComputeShards(Shapes().Shards(1), Cancellation());
  const auto of_shapes = shapes.trainer.Apply(sum.value());
  ASSERT_TRUE(of_shapes.ok()) << of_shapes.status();
  EXPECT_GT(of_shapes->loss(), 0);
  EXPECT_GE(of_shapes->accuracy(), 0);
  EXPECT_LE(of_shapes->accuracy(), 1);
  const auto of_curves = curves.trainer.Apply(
      curves.trainer.ComputeShards(Curves().Shards(1), Cancellation()).value());
  ASSERT_TRUE(of_curves.ok()) << of_curves.status();
  EXPECT_FALSE(of_curves->has_accuracy());
}

TEST(TrainerErrorTest, RefusesAStepWithNaNAndKeepsItsState) {
  Worker worker(Curves(), 2);
  std::vector<Shard> shards = Curves().Shards(1);
  std::get<data::RegressionTask>(shards[1].tasks[0]).query_targets[0] =
      std::numeric_limits<float>::quiet_NaN();
  const Sha256Digest before = worker.trainer.state()->ParametersDigest();
  const auto sum = worker.trainer.ComputeShards(shards, Cancellation());
  ASSERT_TRUE(sum.ok()) << sum.status();
  const absl::Status status = worker.trainer.Apply(*sum).status();
  EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("step 1"));
  EXPECT_EQ(worker.trainer.state()->step, 0u);
  EXPECT_EQ(worker.trainer.state()->ParametersDigest(), before);
}

// A job whose tasks run away in the inner loop: every gradient is NaN or infinite.
Job RunsAway() {
  Job job = Curves();
  job.spec.mutable_algorithm()->mutable_maml()->set_inner_rate(1e6);
  job.spec.mutable_algorithm()->mutable_maml()->set_inner_steps(10);
  return job;
}

Job Skipping(Job job) {
  job.spec.mutable_training()->set_on_non_finite(v1::Training::SKIP_STEP);
  return job;
}

// The first step with one task of each of these shards spoilt.
std::vector<Shard> SpoiltShards(const std::vector<uint32_t>& spoilt) {
  std::vector<Shard> shards = Curves().Shards(1);
  for (const uint32_t shard : spoilt) {
    std::get<data::RegressionTask>(shards[shard].tasks[0]).query_targets[0] =
        std::numeric_limits<float>::quiet_NaN();
  }
  return shards;
}

TEST(NonFiniteStepTest, NamesTheSameTasksAndShardsOnEveryMemberOfAnyGroup) {
  for (const int members : {1, 2, 3}) {
    const Group group = GroupOf(Curves(), members);
    const ExactSum sum = SumOver(group, SpoiltShards({1, 3}));
    for (const auto& worker : group) {
      const absl::Status status = worker->trainer.Apply(sum).status();
      EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
      EXPECT_THAT(std::string(status.message()),
                  HasSubstr("step 1: tasks 2 to 3 (shard 1), task 6 (shard 3): "));
    }
  }
}

TEST(NonFiniteStepTest, OfTasksThatReallyRunAwayIsOneErrorWhateverTheGroup) {
  std::string expected;
  for (const int members : {1, 2, 3}) {
    const Group group = GroupOf(RunsAway(), members);
    const ExactSum sum = SumOver(group, RunsAway().Shards(1));
    for (const auto& worker : group) {
      const absl::Status status = worker->trainer.Apply(sum).status();
      EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
      if (expected.empty()) expected = std::string(status.message());
      EXPECT_EQ(status.message(), expected);
      EXPECT_EQ(worker->trainer.state()->step, 0u);
    }
  }
  EXPECT_THAT(expected, HasSubstr("tasks 0 to 1 (shard 0), tasks 2 to 3 (shard 1), "
                                  "tasks 4 to 5 (shard 2), task 6 (shard 3): "));
}

TEST(NonFiniteStepTest, IsSkippedUnderThatPolicyByEveryMemberAlike) {
  const Job job = Skipping(Curves());
  std::vector<std::string> digests;
  for (const int members : {1, 2, 3}) {
    const Group group = GroupOf(job, members);
    const TrainingState before = *group[0]->trainer.state();
    const ExactSum spoilt = SumOver(group, SpoiltShards({2}));
    for (const auto& worker : group) {
      const auto metrics = worker->trainer.Apply(spoilt);
      ASSERT_TRUE(metrics.ok()) << metrics.status();
      EXPECT_EQ(metrics->step(), 1u);
      EXPECT_TRUE(metrics->skipped());
      EXPECT_EQ(metrics->loss(), 0);
      const TrainingState& after = *worker->trainer.state();
      EXPECT_EQ(after.step, 1u);
      EXPECT_EQ(after.ParametersDigest(), before.ParametersDigest());
      EXPECT_EQ(after.optimizer, before.optimizer);
    }
    const ExactSum sum = SumOver(group, job.Shards(2));
    for (const auto& worker : group) {
      const auto metrics = worker->trainer.Apply(sum);
      ASSERT_TRUE(metrics.ok()) << metrics.status();
      EXPECT_EQ(metrics->step(), 2u);
      EXPECT_FALSE(metrics->skipped());
      EXPECT_GT(metrics->loss(), 0);
      digests.push_back(ToHex(worker->trainer.state()->ParametersDigest()));
    }
  }
  EXPECT_THAT(digests, testing::Each(digests[0]));
}

TEST(NonFiniteStepTest, OfTasksThatReallyRunAwayIsSkippedUnderThatPolicy) {
  Worker worker(Skipping(RunsAway()), 2);
  const Sha256Digest before = worker.trainer.state()->ParametersDigest();
  const auto metrics = worker.trainer.Apply(
      worker.trainer.ComputeShards(RunsAway().Shards(1), Cancellation()).value());
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_TRUE(metrics->skipped());
  EXPECT_EQ(worker.trainer.state()->ParametersDigest(), before);
}

TEST(TrainerErrorTest, RefusesAShardThatAStepDoesNotHave) {
  Worker worker(Curves(), 1);
  std::vector<Shard> shards = Curves().Shards(1);
  shards[0].index = 4;
  const absl::Status status = worker.trainer.ComputeShards(shards, Cancellation()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("shard 4: a step has 4 shards"));
}

TEST(TrainerErrorTest, RefusesAStepThatOverflows) {
  Worker worker(Curves(), 1);
  std::vector<Shard> shards = Curves().Shards(1);
  std::get<data::RegressionTask>(shards[0].tasks[0]).query_targets[0] = 1e15f;
  const auto sum = worker.trainer.ComputeShards(shards, Cancellation());
  ASSERT_TRUE(sum.ok()) << sum.status();
  EXPECT_GT(sum->overflows(), 0);
  EXPECT_TRUE(absl::IsOutOfRange(worker.trainer.Apply(*sum).status()));
}

TEST(TrainerErrorTest, RefusesAStepThatLacksAShard) {
  Worker worker(Curves(), 1);
  std::vector<Shard> shards = Curves().Shards(1);
  shards.pop_back();
  const auto sum = worker.trainer.ComputeShards(shards, Cancellation());
  const absl::Status status = worker.trainer.Apply(sum.value()).status();
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("6 tasks"));
}

TEST(TrainerErrorTest, NamesTheShardOfABadTask) {
  Worker worker(Shapes(), 2);
  std::vector<Shard> shards = Shapes().Shards(1);
  std::get<data::ClassificationTask>(shards[2].tasks[0]).query[0] = 1000;
  const absl::Status status = worker.trainer.ComputeShards(shards, Cancellation()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("shard 2: task 0: row 1000"));
}

TEST(TrainerErrorTest, StopsBetweenShardsWhenCancelled) {
  Worker worker(Curves(), 2);
  Cancellation cancellation;
  cancellation.Cancel();
  EXPECT_TRUE(
      absl::IsCancelled(worker.trainer.ComputeShards(Curves().Shards(1), cancellation).status()));
}

// The second of two steps goes half as far.
TEST(TrainerOptimizerTest, LetsTheOuterRateFallToZeroOverTheStepsOfTheJob) {
  Job steady = Curves();
  steady.spec.mutable_training()->set_steps(2);
  steady.spec.mutable_meta_optimizer()->mutable_sgd()->set_rate(0.1);
  Job falling = steady;
  falling.spec.mutable_meta_optimizer()->mutable_sgd()->set_linear_decay(true);
  Worker whole(steady, 1), half(falling, 1);
  const auto advance = [&steady](Worker& worker, uint64_t step) {
    const auto sum = worker.trainer.ComputeShards(steady.Shards(step), Cancellation());
    EXPECT_TRUE(worker.trainer.Apply(sum.value()).ok());
    return worker.trainer.state()->parameters;
  };
  const std::vector<float> before = advance(whole, 1);
  EXPECT_EQ(advance(half, 1), before);
  const std::vector<float> by_whole = advance(whole, 2), by_half = advance(half, 2);
  EXPECT_NE(by_whole, before);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_NEAR(by_half[i], (before[i] + by_whole[i]) / 2, 1e-6);
  }
}

}  // namespace
}  // namespace outerloop::worker
