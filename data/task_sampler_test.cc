#include "data/task_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <numbers>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace outerloop::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As large as Omniglot.
DatasetIndex Index() {
  DatasetIndex index{.classes = {}, .channels = 1, .height = 28, .width = 28, .provenance = ""};
  for (uint32_t i = 0; i < 1623; ++i) {
    index.classes.push_back({.name = absl::StrCat("character", i),
                             .origin = "test",
                             .first_row = 20 * i,
                             .examples = 20});
  }
  return index;
}

void AddEvaluation(v1::Split split, uint32_t queries, v1::JobSpec* spec) {
  v1::EvaluationSpec* evaluation = spec->add_evaluations();
  evaluation->set_split(split);
  evaluation->set_queries(queries);
}

v1::JobSpec OmniglotSpec() {
  v1::JobSpec spec;
  spec.mutable_dataset()->set_name("omniglot");
  v1::RandomSplit& split = *spec.mutable_dataset()->mutable_split()->mutable_random();
  split.set_train(1100);
  split.set_validation(100);
  split.set_test(423);
  v1::Classification& episode = *spec.mutable_episode()->mutable_classification();
  episode.set_ways(5);
  episode.set_shots(1);
  episode.set_queries(2);
  episode.set_rotations(true);
  spec.mutable_training()->set_seed(42);
  return spec;
}

v1::JobSpec SinusoidSpec() {
  v1::JobSpec spec;
  spec.mutable_dataset()->set_name("sinusoid");
  v1::Sinusoid& episode = *spec.mutable_episode()->mutable_sinusoid();
  episode.set_shots(2);
  episode.set_queries(1);
  episode.set_amplitude_min(0.1);
  episode.set_amplitude_max(5);
  episode.set_phase_max(std::numbers::pi);
  episode.set_input_min(-5);
  episode.set_input_max(5);
  spec.mutable_training()->set_seed(42);
  return spec;
}

v1::JobSpec GaussianProcessSpec() {
  v1::JobSpec spec;
  spec.mutable_dataset()->set_name("gaussian-process");
  v1::GaussianProcess& episode = *spec.mutable_episode()->mutable_gaussian_process();
  episode.set_shots(3);
  episode.set_queries(2);
  episode.set_length_scale_min(0.1);
  episode.set_length_scale_max(0.6);
  episode.set_deviation_min(0.1);
  episode.set_deviation_max(1);
  episode.set_noise(0.02);
  episode.set_input_min(-2);
  episode.set_input_max(2);
  spec.mutable_training()->set_seed(42);
  return spec;
}

v1::JobSpec PixelSpec() {
  v1::JobSpec spec = OmniglotSpec();
  v1::ImageCompletion& episode = *spec.mutable_episode()->mutable_image_completion();
  episode.set_shots(10);
  episode.set_queries(100);
  return spec;
}

std::unique_ptr<const TaskSampler> SamplerOf(const v1::JobSpec& spec) {
  const DatasetIndex index = Index();
  auto sampler = TaskSampler::Create(spec, spec.dataset().has_split() ? &index : nullptr);
  EXPECT_TRUE(sampler.ok()) << sampler.status();
  return *std::move(sampler);
}

std::string ErrorOf(const v1::JobSpec& spec, const DatasetIndex* index) {
  const auto sampler = TaskSampler::Create(spec, index);
  EXPECT_TRUE(absl::IsInvalidArgument(sampler.status())) << sampler.status();
  return std::string(sampler.status().message());
}

v1::EvaluationSpec Evaluation(v1::Split split, uint32_t queries) {
  v1::EvaluationSpec evaluation;
  evaluation.set_split(split);
  evaluation.set_queries(queries);
  return evaluation;
}

ClassificationTask Evaluated(const TaskSampler& sampler, v1::Split split, uint32_t task) {
  return std::get<ClassificationTask>(sampler.SampleEvaluation(Evaluation(split, 2), task));
}

// A job that is resumed or repeated must find its tasks again: these values may never change.
TEST(TaskSampler, DrawsTheSameClassificationTasksForEver) {
  const auto sampler = SamplerOf(OmniglotSpec());
  const auto task = std::get<ClassificationTask>(sampler->Sample(/*step=*/7, /*task=*/3));
  EXPECT_THAT(task.classes, ElementsAre(1545, 1504, 614, 1099, 1078));
  EXPECT_THAT(task.rotations, ElementsAre(2, 0, 2, 2, 3));
  EXPECT_THAT(task.support, ElementsAre(30904, 30093, 12295, 21994, 21573));
  EXPECT_THAT(task.query,
              ElementsAre(30911, 30919, 30098, 30083, 12285, 12291, 21993, 21998, 21561, 21574));
  const ClassificationTask test = Evaluated(*sampler, v1::TEST, 999);
  EXPECT_THAT(test.classes, ElementsAre(180, 6, 392, 986, 301));
  EXPECT_THAT(test.support, ElementsAre(3606, 131, 7842, 19739, 6035));
  EXPECT_THAT(Evaluated(*sampler, v1::VALIDATION, 0).support,
              ElementsAre(32333, 20983, 8456, 7997, 9328));
  EXPECT_THAT(Evaluated(*sampler, v1::TRAIN, 0).support, ElementsAre(2317, 843, 278, 7316, 31733));
}

// Inputs to the bit; targets as near as libraries' sines agree.
TEST(TaskSampler, DrawsTheSameSinusoidTasksForEver) {
  const auto sampler = SamplerOf(SinusoidSpec());
  const auto task = std::get<RegressionTask>(sampler->Sample(/*step=*/7, /*task=*/3));
  EXPECT_THAT(task.support_inputs, ElementsAre(-0.0611726046f, 1.98895264f));
  EXPECT_THAT(task.query_inputs, ElementsAre(2.18467021f));
  EXPECT_NEAR(task.support_targets[0], -2.45719218, 1e-6);
  EXPECT_NEAR(task.support_targets[1], -1.51667082, 1e-6);
  EXPECT_NEAR(task.query_targets[0], -0.795871139, 1e-6);
}

TEST(TaskSampler, DrawsTheSameTasksInAnyOrder) {
  v1::JobSpec varying = GaussianProcessSpec();
  varying.mutable_episode()->mutable_gaussian_process()->set_max_shots(6);
  for (const v1::JobSpec& spec :
       {OmniglotSpec(), SinusoidSpec(), GaussianProcessSpec(), varying, PixelSpec()}) {
    const auto forwards = SamplerOf(spec);
    const auto backwards = SamplerOf(spec);
    std::map<std::pair<uint64_t, uint32_t>, Task> tasks;
    for (uint64_t step = 1; step <= 20; ++step) {
      for (uint32_t task = 0; task < 8; ++task) tasks[{step, task}] = forwards->Sample(step, task);
    }
    for (auto it = tasks.rbegin(); it != tasks.rend(); ++it) {
      EXPECT_EQ(backwards->Sample(it->first.first, it->first.second), it->second);
    }
  }
}

TEST(TaskSampler, DrawsAnotherTaskForEverySeedStepAndNumber) {
  v1::JobSpec other = OmniglotSpec();
  other.mutable_training()->set_seed(43);
  const auto sampler = SamplerOf(OmniglotSpec());
  std::set<std::vector<uint32_t>> supports;
  const auto add = [&supports](const Task& task) {
    supports.insert(std::get<ClassificationTask>(task).support);
  };
  add(SamplerOf(other)->Sample(1, 0));
  for (uint64_t step : {uint64_t{1}, uint64_t{2}, uint64_t{1} << 32, (uint64_t{1} << 32) + 1}) {
    for (uint32_t task = 0; task < 32; ++task) add(sampler->Sample(step, task));
  }
  EXPECT_EQ(supports.size(), 129u);
}

TEST(TaskSampler, DrawsEachSplitFromItsOwnClasses) {
  const v1::JobSpec spec = OmniglotSpec();
  const auto sampler = SamplerOf(spec);
  const auto splits = ResolveSplit(spec.dataset().split(), Index());
  for (const v1::Split split : {v1::TRAIN, v1::VALIDATION, v1::TEST}) {
    const std::set<uint32_t> own(splits->of(split).begin(), splits->of(split).end());
    for (uint32_t task = 0; task < 200; ++task) {
      for (const uint32_t c : Evaluated(*sampler, split, task).classes) {
        EXPECT_TRUE(own.contains(c));
      }
    }
  }
}

TEST(TaskSampler, EvaluatesTrainingClassesOnTasksThatAreNotTrainedOn) {
  const auto sampler = SamplerOf(OmniglotSpec());
  for (uint32_t task = 0; task < 100; ++task) {
    const Task evaluated = Evaluated(*sampler, v1::TRAIN, task);
    for (uint64_t step = 0; step < 20; ++step) EXPECT_NE(evaluated, sampler->Sample(step, task));
  }
}

TEST(TaskSampler, ChangesOnlyTheQueriesOfAnEvaluationThatAsksForMore) {
  const auto sampler = SamplerOf(OmniglotSpec());
  const auto few =
      std::get<ClassificationTask>(sampler->SampleEvaluation(Evaluation(v1::TEST, 1), 5));
  const auto many =
      std::get<ClassificationTask>(sampler->SampleEvaluation(Evaluation(v1::TEST, 19), 5));
  EXPECT_EQ(few.support, many.support);
  EXPECT_EQ(few.query.size(), 5u);
  EXPECT_EQ(many.query.size(), 95u);
  v1::EvaluationSpec unsaid;
  unsaid.set_split(v1::TEST);
  EXPECT_EQ(sampler->SampleEvaluation(unsaid, 5), Task(Evaluated(*sampler, v1::TEST, 5)));
}

TEST(TaskSampler, DrawsImagesOfEachSplitFromItsOwnClasses) {
  const v1::JobSpec spec = PixelSpec();
  const auto sampler = SamplerOf(spec);
  const auto splits = ResolveSplit(spec.dataset().split(), Index());
  for (const v1::Split split : {v1::TRAIN, v1::VALIDATION, v1::TEST}) {
    const std::set<uint32_t> own(splits->of(split).begin(), splits->of(split).end());
    for (uint32_t task = 0; task < 200; ++task) {
      const auto drawn = std::get<ImageCompletionTask>(
          sampler->SampleEvaluation(Evaluation(split, /*queries=*/3), task));
      EXPECT_TRUE(own.contains(drawn.image / 20));
      EXPECT_EQ(drawn.query.size(), 3u);
    }
  }
}

TEST(TaskSampler, EvaluatesWithOtherWaysAndShotsThanItTrainsWith) {
  const auto sampler = SamplerOf(OmniglotSpec());
  v1::EvaluationSpec evaluation = Evaluation(v1::TEST, 2);
  evaluation.set_ways(20);
  evaluation.set_shots(3);
  const auto task = std::get<ClassificationTask>(sampler->SampleEvaluation(evaluation, 5));
  EXPECT_EQ(task.classes.size(), 20u);
  EXPECT_EQ(task.support.size(), 60u);
  EXPECT_EQ(task.query.size(), 40u);
  evaluation.set_ways(100'000);
  EXPECT_THAT(sampler->Check(evaluation, "spec").message(), HasSubstr("100000 is more than"));
}

// Whatever seed it was trained with, so that jobs that differ in it can be compared.
TEST(TaskSampler, EvaluatesOnTheTasksOfTheSeedThatIsGiven) {
  v1::JobSpec other_seed = OmniglotSpec();
  other_seed.mutable_training()->set_seed(OmniglotSpec().training().seed() + 1);
  const auto sampler = SamplerOf(OmniglotSpec());
  v1::EvaluationSpec evaluation = Evaluation(v1::TEST, 2);
  EXPECT_NE(sampler->SampleEvaluation(evaluation, 5),
            SamplerOf(other_seed)->SampleEvaluation(evaluation, 5));
  evaluation.set_seed(OmniglotSpec().training().seed());
  EXPECT_EQ(sampler->SampleEvaluation(evaluation, 5),
            SamplerOf(other_seed)->SampleEvaluation(evaluation, 5));
}

TEST(TaskSampler, EvaluatesTheSinusoidOnEverySplit) {
  v1::JobSpec spec = SinusoidSpec();
  AddEvaluation(v1::TEST, 100, &spec);
  const auto sampler = SamplerOf(spec);
  const Task test = sampler->SampleEvaluation(spec.evaluations(0), 0);
  EXPECT_EQ(std::get<RegressionTask>(test).query_inputs.size(), 100u);
  EXPECT_NE(test, sampler->SampleEvaluation(Evaluation(v1::VALIDATION, 100), 0));
  EXPECT_NE(test, sampler->SampleEvaluation(Evaluation(v1::TRAIN, 100), 0));
}

TEST(TaskSampler, EvaluatesCurvesWithOtherNumbersOfPoints) {
  const auto sampler = SamplerOf(GaussianProcessSpec());
  v1::EvaluationSpec evaluation = Evaluation(v1::TEST, 20);
  evaluation.set_shots(7);
  ASSERT_TRUE(sampler->Check(evaluation, "spec").ok());
  const auto task = std::get<RegressionTask>(sampler->SampleEvaluation(evaluation, 0));
  EXPECT_EQ(task.support_inputs.size(), 7u);
  EXPECT_EQ(task.query_targets.size(), 20u);
  evaluation.set_shots(257);
  EXPECT_THAT(sampler->Check(evaluation, "spec").message(),
              HasSubstr("episode.gaussian_process.shots: 257 points"));
}

size_t ShotsOfTask(const Task& task) {
  return std::get<RegressionTask>(task).support_inputs.size();
}

// From the seed and the step alone: these values may never change.
TEST(TaskSampler, DrawsTheShotsOfAStepForAllItsTasks) {
  v1::JobSpec spec = GaussianProcessSpec();
  spec.mutable_episode()->mutable_gaussian_process()->set_max_shots(6);
  const auto sampler = SamplerOf(spec);
  std::vector<size_t> shots;
  std::map<size_t, int> steps_of;
  for (uint64_t step = 1; step <= 400; ++step) {
    shots.push_back(ShotsOfTask(sampler->Sample(step, 0)));
    ++steps_of[shots.back()];
    EXPECT_EQ(ShotsOfTask(sampler->Sample(step, 31)), shots.back());
  }
  EXPECT_THAT(std::vector<size_t>(shots.begin(), shots.begin() + 8),
              ElementsAre(6, 3, 6, 3, 6, 4, 6, 6));
  ASSERT_EQ(steps_of.size(), 4u);  // 3 to 6 points, a hundred steps each; 4 standard deviations.
  for (const auto& [points, steps] : steps_of) EXPECT_NEAR(steps, 100, 4 * 8.7) << points;
  EXPECT_EQ(ShotsOfTask(sampler->SampleEvaluation(Evaluation(v1::TEST, 2), 0)), 3u);
}

TEST(TaskSampler, ChecksTrainingAndEveryEvaluation) {
  const DatasetIndex index = Index();
  v1::JobSpec spec = OmniglotSpec();
  spec.mutable_episode()->mutable_classification()->set_rotations(false);
  spec.mutable_episode()->mutable_classification()->set_ways(200);
  AddEvaluation(v1::TEST, 2, &spec);
  AddEvaluation(v1::VALIDATION, 2, &spec);
  EXPECT_EQ(ErrorOf(spec, &index),
            "episode.classification.ways: 200 is more than the 100 classes of split validation; at "
            "most 100 are allowed (evaluations[1])");
  spec.mutable_episode()->mutable_classification()->set_ways(1101);
  EXPECT_EQ(ErrorOf(spec, &index),
            "episode.classification.ways: 1101 is more than the 1100 classes of split train; at "
            "most 1100 are allowed");

  spec = OmniglotSpec();
  spec.mutable_episode()->mutable_classification()->set_queries(20);
  EXPECT_THAT(ErrorOf(spec, &index), HasSubstr("episode.classification.queries: 20 with 1 of"));

  spec = OmniglotSpec();
  AddEvaluation(v1::TEST, 20, &spec);
  EXPECT_THAT(ErrorOf(spec, &index), HasSubstr("evaluations[0].queries: 20 with 1 of"));
}

TEST(TaskSampler, RefusesAnEvaluationOfASplitWithoutClasses) {
  const DatasetIndex index = Index();
  v1::JobSpec spec = OmniglotSpec();
  spec.mutable_dataset()->mutable_split()->mutable_random()->set_validation(0);
  AddEvaluation(v1::VALIDATION, 2, &spec);
  EXPECT_EQ(ErrorOf(spec, &index),
            "evaluations[0].split: VALIDATION has no classes by dataset.split; give it some");
  spec.mutable_evaluations(0)->set_split(v1::SPLIT_UNSPECIFIED);
  EXPECT_THAT(ErrorOf(spec, &index),
              HasSubstr("evaluations[0].split: 0 is no split; one of TRAIN"));
  spec.mutable_evaluations(0)->set_split(static_cast<v1::Split>(9));
  EXPECT_THAT(ErrorOf(spec, &index), HasSubstr("evaluations[0].split: 9 is no split"));
}

TEST(TaskSampler, ChecksLaterEvaluationsUnderTheirOwnPath) {
  const auto sampler = SamplerOf(OmniglotSpec());
  EXPECT_TRUE(sampler->Check(Evaluation(v1::TEST, 19), "spec").ok());
  EXPECT_THAT(sampler->Check(Evaluation(v1::TEST, 20), "spec").message(),
              HasSubstr("spec.queries: 20 with 1 of episode.classification.shots"));
}

TEST(TaskSampler, RefusesEpisodesThatDoNotGoWithTheData) {
  const DatasetIndex index = Index();
  v1::JobSpec spec = OmniglotSpec();
  EXPECT_THAT(ErrorOf(spec, nullptr),
              HasSubstr("episode.classification: does not go with data set 'omniglot'"));
  spec.mutable_dataset()->clear_split();
  EXPECT_THAT(ErrorOf(spec, &index), HasSubstr("dataset.split: missing"));
  spec.clear_episode();
  EXPECT_THAT(ErrorOf(spec, &index),
              HasSubstr("episode: missing; one of classification, sinusoid"));

  v1::JobSpec sinusoid = SinusoidSpec();
  EXPECT_THAT(ErrorOf(sinusoid, &index), HasSubstr("episode.sinusoid: does not go with data set"));
  sinusoid.mutable_dataset()->mutable_split();
  EXPECT_THAT(ErrorOf(sinusoid, nullptr),
              HasSubstr("dataset.split: episode.sinusoid has no classes"));
  sinusoid = SinusoidSpec();
  sinusoid.mutable_episode()->mutable_sinusoid()->clear_queries();
  EXPECT_THAT(ErrorOf(sinusoid, nullptr), HasSubstr("episode.sinusoid.queries: 0 points"));
}

}  // namespace
}  // namespace outerloop::data
