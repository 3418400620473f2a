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

TEST(SummariseTest, AddsInDouble) {
  // 2^24: single precision drops the ones.
  const std::vector<ScoresRecord> shards = {
      {"e", 0, {Series(v1::INDUCTIVE, 1, {16'777'216.0f, 1.0f, 1.0f, 1.0f})}}};
  EXPECT_EQ(Summarise(v1::EvaluationSpec(), shards).at(0).mean(), 16'777'219.0 / 4);
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
  const std::vector<ScoresRecord> whole = {{"e", 0, {Series(v1::INDUCTIVE, 1, scores)}}};
  EXPECT_EQ(results[0].mean(), Summarise(v1::EvaluationSpec(), whole).at(0).mean());
  EXPECT_EQ(results[0].ci95(), Summarise(v1::EvaluationSpec(), whole).at(0).ci95());
}

TEST(SummariseTest, NoScoresGiveNoResults) {
  EXPECT_TRUE(Summarise(v1::EvaluationSpec(), {}).empty());
  const std::vector<ScoresRecord> empty = {{"e", 0, {Series(v1::INDUCTIVE, 1, {})}}};
  EXPECT_TRUE(Summarise(v1::EvaluationSpec(), empty).empty());
}

}  // namespace
}  // namespace outerloop::coordinator
