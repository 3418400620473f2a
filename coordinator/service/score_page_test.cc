#include "coordinator/service/score_page.h"

#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ScoresRecord Shard(uint32_t number, const std::vector<float>& transductive) {
  ScoresRecord shard{.evaluation_id = "e", .shard = number, .series = {}};
  for (const v1::PredictionMode mode : {v1::TRANSDUCTIVE, v1::INDUCTIVE}) {
    v1::ScoreSeries& series = shard.series.emplace_back();
    series.set_mode(mode);
    series.set_inner_steps(3);
    series.set_metric("accuracy");
    for (const float score : transductive) series.add_scores(score + (mode == v1::INDUCTIVE));
  }
  return shard;
}

class ScorePageTest : public testing::Test {
 protected:
  const std::vector<ScoresRecord> shards_ = {Shard(0, {10, 20, 30}), Shard(1, {40, 50, 60}),
                                             Shard(2, {70})};
};

TEST_F(ScorePageTest, HasAllScoresOfAShortEvaluation) {
  const auto page = ScorePage(shards_, 0, 1000);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->series_size(), 2);
  EXPECT_EQ(page->series(0).mode(), v1::TRANSDUCTIVE);
  EXPECT_EQ(page->series(1).metric(), "accuracy");
  EXPECT_EQ(page->series(1).inner_steps(), 3);
  EXPECT_THAT(page->series(0).scores(), ElementsAre(10, 20, 30, 40, 50, 60, 70));
  EXPECT_THAT(page->series(1).scores(), ElementsAre(11, 21, 31, 41, 51, 61, 71));
  EXPECT_FALSE(page->has_next_task());
}

TEST_F(ScorePageTest, EndsWithAShard) {
  const auto page = ScorePage(shards_, 0, 7);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->series(0).scores(), ElementsAre(10, 20, 30, 40, 50, 60));
  EXPECT_EQ(page->next_task(), 6);
}

TEST_F(ScorePageTest, BeginsWithinAShard) {
  const auto page = ScorePage(shards_, 4, 1);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->series(0).scores(), ElementsAre(50, 60));
  EXPECT_EQ(page->next_task(), 6);
}

TEST_F(ScorePageTest, PagesFollowEachOtherToTheEnd) {
  for (const int max_scores : {1, 2, 6, 7, 12, 13, 14}) {
    std::vector<float> all;
    uint32_t first = 0;
    bool more = true;
    while (more) {
      const auto page = ScorePage(shards_, first, max_scores);
      ASSERT_TRUE(page.ok()) << page.status();
      all.insert(all.end(), page->series(1).scores().begin(), page->series(1).scores().end());
      more = page->has_next_task();
      first = page->next_task();
    }
    EXPECT_THAT(all, ElementsAre(11, 21, 31, 41, 51, 61, 71)) << max_scores;
  }
}

TEST_F(ScorePageTest, RefusesATaskThatIsNotThere) {
  const auto page = ScorePage(shards_, 7, 1000);
  EXPECT_TRUE(absl::IsInvalidArgument(page.status()));
  EXPECT_THAT(page.status().message(), HasSubstr("first_task: 7; the evaluation has 7 tasks"));
}

}  // namespace
}  // namespace outerloop::coordinator
