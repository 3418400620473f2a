#include "data/gaussian_process_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace outerloop::data {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

v1::GaussianProcess Episode(uint32_t shots) {
  v1::GaussianProcess episode;
  episode.set_shots(shots);
  episode.set_length_scale_min(0.1);
  episode.set_length_scale_max(0.6);
  episode.set_deviation_min(0.1);
  episode.set_deviation_max(1);
  episode.set_noise(0.02);
  episode.set_input_min(-2);
  episode.set_input_max(2);
  return episode;
}

GaussianProcessTask Draw(v1::GaussianProcess episode, uint32_t queries, uint32_t task) {
  RandomStream random(/*seed=*/5, RandomPurpose::kTrainTask, /*step=*/1, task);
  episode.set_queries(queries);
  return SampleGaussianProcess(episode, random);
}

std::string ErrorOf(v1::GaussianProcess episode, uint32_t queries = 10) {
  const EpisodeUse use{.queries_path = "evaluations[1].queries", .note = " (evaluations[1])"};
  episode.set_queries(queries);
  const absl::Status status =
      MakeGaussianProcessSampler(episode, {.index = DatasetIndex(), .classes = {}})->Check(use);
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(GaussianProcessSampler, DrawsTheSameTaskEveryTime) {
  EXPECT_EQ(Draw(Episode(10), 20, 3).task, Draw(Episode(10), 20, 3).task);
  EXPECT_NE(Draw(Episode(10), 20, 3).task, Draw(Episode(10), 20, 4).task);
}

TEST(GaussianProcessSampler, DrawsTheSameSupportSetForAnyNumberOfQueries) {
  const GaussianProcessTask few = Draw(Episode(10), 1, 0), many = Draw(Episode(10), 100, 0);
  EXPECT_EQ(few.task.support_inputs, many.task.support_inputs);
  EXPECT_EQ(few.task.support_targets, many.task.support_targets);
  EXPECT_EQ(few.process.length_scale, many.process.length_scale);
}

TEST(GaussianProcessSampler, StaysInItsRanges) {
  double shortest = 1, longest = 0;
  for (uint32_t t = 0; t < 500; ++t) {
    const GaussianProcessTask drawn = Draw(Episode(5), 5, t);
    EXPECT_THAT(drawn.task.support_inputs, Each(AllOf(Ge(-2.0f), Le(2.0f))));
    EXPECT_THAT(drawn.process.deviation, AllOf(Ge(0.1), Le(1)));
    EXPECT_EQ(drawn.process.noise, 0.02);
    shortest = std::min(shortest, drawn.process.length_scale);
    longest = std::max(longest, drawn.process.length_scale);
  }
  EXPECT_THAT(shortest, AllOf(Ge(0.1), Le(0.11)));
  EXPECT_THAT(longest, AllOf(Ge(0.59), Le(0.6)));
}

// Whitening what was drawn by the process it was drawn from leaves independent standard normals:
// here through the mean and variance of log-likelihoods, which are known. The log-likelihood of one
// query is -log(2 pi v) / 2 - z^2 / 2 with z normal, so that the exact process predicts as well as
// it expects to.
TEST(GaussianProcessSampler, HasTheCovarianceOfItsProcess) {
  constexpr int kTasks = 20000;
  v1::GaussianProcess episode = Episode(1);
  episode.set_length_scale_min(0.5);
  episode.set_length_scale_max(0.5);
  episode.set_deviation_min(2);
  episode.set_deviation_max(2);
  episode.set_noise(0.5);
  double covariance_error = 0, square = 0, sum = 0;
  for (uint32_t t = 0; t < kTasks; ++t) {
    const RegressionTask task = Draw(episode, 1, t).task;
    const double x = task.support_inputs[0], y = task.query_inputs[0];
    const double formula = 4 * std::exp(-(x - y) * (x - y) / (2 * 0.25));
    const double a = task.support_targets[0], b = task.query_targets[0];
    covariance_error += a * b - formula;
    square += a * a;
    sum += a;
  }
  // Standard errors: of a product at most sqrt(2) 4.25, of a square sqrt(2) 4.25, of a value 2.06.
  const double root = std::sqrt(double{kTasks});
  EXPECT_NEAR(covariance_error / kTasks, 0, 4 * 6.01 / root);
  EXPECT_NEAR(square / kTasks, 4.25, 4 * 6.01 / root);
  EXPECT_NEAR(sum / kTasks, 0, 4 * 2.06 / root);
}

TEST(GaussianProcessSampler, IsPredictedBestByTheProcessItWasDrawnFrom) {
  const auto mean_of = [](double stretch) {
    double sum = 0;
    for (uint32_t t = 0; t < 500; ++t) {
      GaussianProcessTask drawn = Draw(Episode(10), 10, t);
      drawn.process.length_scale *= stretch;
      sum += PredictiveLogLikelihood(drawn.process, drawn.task.support_inputs,
                                     drawn.task.support_targets, drawn.task.query_inputs,
                                     drawn.task.query_targets) /
             500;
    }
    return sum;
  };
  EXPECT_GT(mean_of(1), mean_of(0.7) + 0.02);
  EXPECT_GT(mean_of(1), mean_of(1.3) + 0.02);
}

TEST(GaussianProcessSampler, AcceptsUsualRanges) { EXPECT_EQ(ErrorOf(Episode(10)), ""); }

TEST(GaussianProcessSampler, RefusesImpossibleNumbersOfPoints) {
  EXPECT_THAT(ErrorOf(Episode(0)), HasSubstr("episode.gaussian_process.shots: 0 points"));
  EXPECT_THAT(ErrorOf(Episode(257)), HasSubstr("episode.gaussian_process.shots: 257 points"));
  EXPECT_THAT(ErrorOf(Episode(10), 0), HasSubstr("evaluations[1].queries: 0 points"));
}

TEST(GaussianProcessSampler, RefusesTooManyPointsInSomeSteps) {
  v1::GaussianProcess episode = Episode(10);
  episode.set_max_shots(256);
  EXPECT_EQ(ErrorOf(episode), "");
  episode.set_max_shots(257);
  EXPECT_THAT(ErrorOf(episode), HasSubstr("episode.gaussian_process.max_shots: 257 points"));
}

TEST(GaussianProcessSampler, RefusesRangesThatAreNone) {
  v1::GaussianProcess episode = Episode(10);
  episode.set_length_scale_min(0);
  EXPECT_THAT(ErrorOf(episode), HasSubstr("episode.gaussian_process.length_scale_min: 0 is"));
  episode = Episode(10);
  episode.set_length_scale_max(0.05);
  EXPECT_THAT(ErrorOf(episode), HasSubstr("episode.gaussian_process.length_scale_max: 0.05 is"));
}

TEST(GaussianProcessSampler, RefusesNoiseThatLeavesTheCovarianceSingular) {
  v1::GaussianProcess episode = Episode(10);
  episode.set_noise(1e-5);
  EXPECT_THAT(ErrorOf(episode), HasSubstr("episode.gaussian_process.noise: 1e-05 is"));
}

}  // namespace
}  // namespace outerloop::data
