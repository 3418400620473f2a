#include "coordinator/core/summary.h"

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

v1::ScoreSeries Series(v1::PredictionMode mode, uint32_t inner_steps, std::vector<float> scores) {
  v1::ScoreSeries series;
  series.set_mode(mode);
  series.set_inner_steps(inner_steps);
  series.set_metric("accuracy");
  series.mutable_scores()->Assign(scores.begin(), scores.end());
  return series;
}

// Quantiles as printed in tables of the t distribution.
TEST(StudentT975Test, EqualsTheTables) {
  EXPECT_NEAR(StudentT975(1), 12.7062, 5e-5);
  EXPECT_NEAR(StudentT975(2), 4.30265, 5e-6);
  EXPECT_NEAR(StudentT975(9), 2.26216, 5e-6);
  EXPECT_NEAR(StudentT975(99), 1.98422, 5e-6);
  EXPECT_NEAR(StudentT975(999), 1.96234, 5e-6);
  EXPECT_NEAR(StudentT975(999'999), 1.95997, 1e-5);
}

TEST(StudentT975Test, EqualsItsClosedFormsForOneAndTwoDegrees) {
  EXPECT_NEAR(StudentT975(1), std::tan(M_PI * 0.475), 1e-10);
  EXPECT_NEAR(StudentT975(2), 0.95 * std::sqrt(2 / (1 - 0.95 * 0.95)), 1e-12);
}

TEST(SummariseTest, GivesMeanAndIntervalOfScores) {
  // Mean 5, sum of squares 32, s = sqrt(32 / 7), t(0.975, 7) = 2.364624.
  const std::vector<float> scores = {2, 4, 4, 4, 5, 5, 7, 9};
  const MeanAndInterval summary = Summarise(scores);
  EXPECT_EQ(summary.mean, 5);
  EXPECT_NEAR(summary.ci95, 2.364624 * std::sqrt(32.0 / 7) / std::sqrt(8.0), 1e-6);
}

TEST(SummariseTest, EqualScoresHaveNoSpread) {
  const std::vector<float> scores(1000, 0.25f);
  EXPECT_EQ(Summarise(scores).mean, 0.25);
  EXPECT_EQ(Summarise(scores).ci95, 0);
}

TEST(SummariseTest, OneScoreHasNoInterval) {
  const std::vector<float> scores = {0.5f};
  EXPECT_EQ(Summarise(scores).mean, 0.5);
  EXPECT_TRUE(std::isnan(Summarise(scores).ci95));
}

TEST(SummariseTest, AddsInDouble) {
  const std::vector<float> scores = {16'777'216.0f, 1.0f, 1.0f,
                                     1.0f};  // 2^24: float drops the ones.
  EXPECT_EQ(Summarise(scores).mean, 16'777'219.0 / 4);
}

TEST(SummariseTest, JoinsShardsAndOrdersByModeThenInnerSteps) {
  v1::EvaluationSpec spec;
  spec.set_split(v1::VALIDATION);
  const std::vector<ScoresRecord> shards = {
      {"e", 0, {Series(v1::INDUCTIVE, 1, {0, 1}), Series(v1::TRANSDUCTIVE, 3, {1, 1})}},
      {"e", 1, {Series(v1::TRANSDUCTIVE, 3, {0}), Series(v1::TRANSDUCTIVE, 1, {1})}},
      {"e", 2, {Series(v1::INDUCTIVE, 1, {1}), Series(v1::TRANSDUCTIVE, 1, {0})}},
  };
  const auto results = Summarise(spec, shards);
  ASSERT_EQ(results.size(), 3);
  EXPECT_EQ(results[0].mode(), v1::TRANSDUCTIVE);
  EXPECT_EQ(results[0].inner_steps(), 1);
  EXPECT_EQ(results[0].tasks(), 2);
  EXPECT_EQ(results[0].mean(), 0.5);
  EXPECT_EQ(results[1].mode(), v1::TRANSDUCTIVE);
  EXPECT_EQ(results[1].inner_steps(), 3);
  EXPECT_EQ(results[2].mode(), v1::INDUCTIVE);
  EXPECT_EQ(results[2].tasks(), 3);
  for (const v1::EvaluationResult& result : results) {
    EXPECT_EQ(result.split(), v1::VALIDATION);
    EXPECT_EQ(result.metric(), "accuracy");
    EXPECT_GT(result.ci95(), 0);
  }
}

TEST(SummariseTest, TheCutIntoShardsChangesNoBit) {
  std::vector<float> scores;
  for (int i = 0; i < 100; ++i) scores.push_back(std::sin(static_cast<float>(i)));
  std::vector<ScoresRecord> shards;
  for (uint32_t i = 0; i < 100; i += 7) {
    const auto end = std::min<uint32_t>(i + 7, 100);
    shards.push_back(
        {"e", i / 7, {Series(v1::INDUCTIVE, 1, {scores.begin() + i, scores.begin() + end})}});
  }
  const auto results = Summarise(v1::EvaluationSpec(), shards);
  ASSERT_EQ(results.size(), 1);
  EXPECT_EQ(results[0].mean(), Summarise(scores).mean);
  EXPECT_EQ(results[0].ci95(), Summarise(scores).ci95);
}

TEST(SummariseTest, NoScoresGiveNoResults) {
  EXPECT_TRUE(Summarise(v1::EvaluationSpec(), {}).empty());
  const std::vector<ScoresRecord> empty = {{"e", 0, {Series(v1::INDUCTIVE, 1, {})}}};
  EXPECT_TRUE(Summarise(v1::EvaluationSpec(), empty).empty());
}

}  // namespace
}  // namespace outerloop::coordinator
