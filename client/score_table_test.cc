#include "client/score_table.h"

#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

std::vector<v1::ScoreSeries> TwoSeries() {
  std::vector<v1::ScoreSeries> series(2);
  series[0].set_mode(v1::TRANSDUCTIVE);
  series[0].set_inner_steps(3);
  series[0].set_metric("accuracy");
  series[0].add_scores(0.96f);
  series[0].add_scores(1);
  series[1] = series[0];
  series[1].set_mode(v1::INDUCTIVE);
  series[1].set_scores(1, 1.0f / 3);
  return series;
}

TEST(ScoreTableTest, HasALineAScore) {
  EXPECT_EQ(kScoresHeader + ScoresToCsv("e-1", TwoSeries()),
            "evaluation_id,mode,inner_steps,task,score\n"
            "e-1,transductive,3,0,0.96\n"
            "e-1,transductive,3,1,1\n"
            "e-1,inductive,3,0,0.96\n"
            "e-1,inductive,3,1,0.33333334\n");
}

TEST(ScoreTableTest, SaysWhenATaskDiverged) {
  std::vector<v1::ScoreSeries> series = TwoSeries();
  series.resize(1);
  series[0].set_scores(0, std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(ScoresToCsv("e", series), "e,transductive,3,0,nan\ne,transductive,3,1,1\n");
}

TEST(ScoreTableTest, GivesSeriesAsJson) {
  const Json json = ScoresToJson("e-1", TwoSeries());
  EXPECT_EQ(json["evaluation_id"], "e-1");
  EXPECT_EQ(json["series"][1]["mode"], "INDUCTIVE");
  EXPECT_EQ(json["series"][1]["inner_steps"], 3);
  EXPECT_EQ(json["series"][1]["metric"], "accuracy");
  EXPECT_EQ(json["series"][1]["scores"][1].get<float>(), 1.0f / 3);
}

}  // namespace
}  // namespace outerloop::client
