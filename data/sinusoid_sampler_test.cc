#include "data/sinusoid_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <variant>

namespace outerloop::data {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

// The protocol of the paper.
v1::Sinusoid Episode(uint32_t shots) {
  v1::Sinusoid episode;
  episode.set_shots(shots);
  episode.set_amplitude_min(0.1);
  episode.set_amplitude_max(5);
  episode.set_phase_min(0);
  episode.set_phase_max(std::numbers::pi);
  episode.set_input_min(-5);
  episode.set_input_max(5);
  return episode;
}

RandomStream Stream(uint32_t task) {
  return {/*seed=*/5, RandomPurpose::kTrainTask, /*step=*/1, task};
}

std::unique_ptr<const EpisodeSampler> SamplerOf(v1::Sinusoid episode, uint32_t queries) {
  episode.set_queries(queries);
  return MakeSinusoidSampler(episode, {.index = DatasetIndex(), .classes = {}});
}

RegressionTask Draw(const v1::Sinusoid& episode, uint32_t queries, uint32_t task) {
  RandomStream random = Stream(task);
  return std::get<RegressionTask>(SamplerOf(episode, queries)->Draw(random));
}

std::string ErrorOf(const v1::Sinusoid& episode, uint32_t queries = 10) {
  const EpisodeUse use{.queries_path = "evaluations[1].queries", .note = " (evaluations[1])"};
  const absl::Status status = SamplerOf(episode, queries)->Check(use);
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(SinusoidSampler, LiesOnOneCurveThatTheFirstTwoDrawsFix) {
  for (uint32_t t = 0; t < 50; ++t) {
    RandomStream random = Stream(t);
    const double amplitude = random.Uniform(0.1, 5);
    const double phase = random.Uniform(0, std::numbers::pi);
    const RegressionTask task = Draw(Episode(10), 7, t);
    ASSERT_EQ(task.support_inputs.size(), 10u);
    ASSERT_EQ(task.support_targets.size(), 10u);
    ASSERT_EQ(task.query_inputs.size(), 7u);
    ASSERT_EQ(task.query_targets.size(), 7u);
    for (size_t i = 0; i < 10; ++i) {
      EXPECT_NEAR(task.support_targets[i], amplitude * std::sin(task.support_inputs[i] - phase),
                  1e-6);
    }
    for (size_t i = 0; i < 7; ++i) {
      EXPECT_NEAR(task.query_targets[i], amplitude * std::sin(task.query_inputs[i] - phase), 1e-6);
    }
  }
}

TEST(SinusoidSampler, DrawsTheSameSupportSetForAnyNumberOfQueries) {
  const RegressionTask few = Draw(Episode(10), 1, 0);
  const RegressionTask many = Draw(Episode(10), 100, 0);
  EXPECT_EQ(few.support_inputs, many.support_inputs);
  EXPECT_EQ(few.support_targets, many.support_targets);
  EXPECT_EQ(few.query_inputs[0], many.query_inputs[0]);
}

TEST(SinusoidSampler, DrawsInputsUniformlyOverTheirRange) {
  const RegressionTask task = Draw(Episode(20000), 1, 0);
  EXPECT_THAT(task.support_inputs, Each(AllOf(Ge(-5.0f), Le(5.0f))));
  std::vector<int> counts(20);
  for (const float x : task.support_inputs) ++counts[std::min(19, static_cast<int>((x + 5) * 2))];
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  EXPECT_LT(chi_square, 50.8);  // 99.99% of 19 degrees of freedom.
}

TEST(SinusoidSampler, TakesAPointAsARange) {
  v1::Sinusoid episode = Episode(3);
  episode.set_amplitude_min(2);
  episode.set_amplitude_max(2);
  episode.set_input_min(1.5);
  episode.set_input_max(1.5);
  EXPECT_EQ(ErrorOf(episode), "");
  const RegressionTask task = Draw(episode, 3, 0);
  EXPECT_THAT(task.support_inputs, Each(1.5f));
  EXPECT_THAT(task.query_targets, Each(task.support_targets[0]));
}

TEST(SinusoidSampler, AcceptsTheProtocolOfThePaper) { EXPECT_EQ(ErrorOf(Episode(10)), ""); }

TEST(SinusoidSampler, RefusesImpossibleNumbersOfPoints) {
  EXPECT_EQ(ErrorOf(Episode(0)),
            "episode.sinusoid.shots: 0 points are not possible; 1 to 65536 are allowed "
            "(evaluations[1])");
  EXPECT_THAT(ErrorOf(Episode(65537)), HasSubstr("episode.sinusoid.shots: 65537"));
  EXPECT_THAT(ErrorOf(Episode(10), 0), HasSubstr("evaluations[1].queries: 0 points"));
}

TEST(SinusoidSampler, RefusesRangesThatEndBeforeTheyBegin) {
  v1::Sinusoid episode = Episode(10);
  episode.set_phase_min(4);
  EXPECT_THAT(ErrorOf(episode), HasSubstr("episode.sinusoid.phase_max: 3.14159 is less than "
                                          "episode.sinusoid.phase_min, which is 4"));
}

TEST(SinusoidSampler, RefusesBoundsThatAreNotFinite) {
  v1::Sinusoid episode = Episode(10);
  episode.set_input_max(std::numeric_limits<double>::infinity());
  EXPECT_THAT(ErrorOf(episode), HasSubstr("episode.sinusoid.input_max: inf is out of range"));
  episode = Episode(10);
  episode.set_amplitude_min(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(ErrorOf(episode), HasSubstr("episode.sinusoid.amplitude_min: nan is out of range"));
}

}  // namespace
}  // namespace outerloop::data
