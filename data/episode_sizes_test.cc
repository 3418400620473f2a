#include "data/episode_sizes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/episode_kind.h"
#include "google/protobuf/descriptor.h"

namespace outerloop::data {
namespace {

// An episode of the kind `name`, with nothing in it.
v1::Episode EmptyEpisode(const std::string& name) {
  v1::Episode episode;
  episode.GetReflection()->MutableMessage(&episode,
                                          v1::Episode::descriptor()->FindFieldByName(name));
  return episode;
}

TEST(EpisodeSizesTest, FindsTheSizesOfEveryKind) {
  v1::EvaluationSpec evaluation;
  evaluation.set_ways(7);
  evaluation.set_shots(3);
  evaluation.set_queries(5);
  for (const std::string& kind : EpisodeKinds()) {
    const v1::Episode episode = EvaluatedEpisode(evaluation, EmptyEpisode(kind));
    EXPECT_EQ(KindOf(episode), kind);
    EXPECT_EQ(ShotsOf(episode), 3u) << kind;
    EXPECT_EQ(QueriesOf(episode), 5u) << kind;
    EXPECT_EQ(WaysOf(episode), kind == "classification" ? 7u : 0u) << kind;
  }
}

TEST(EpisodeSizesTest, LeavesWhatAnEvaluationDoesNotGive) {
  v1::Episode episode = EmptyEpisode("classification");
  episode.mutable_classification()->set_ways(5);
  episode.mutable_classification()->set_queries(15);
  episode.mutable_classification()->set_rotations(true);
  const v1::Episode same = EvaluatedEpisode(v1::EvaluationSpec(), episode);
  EXPECT_EQ(same.SerializeAsString(), episode.SerializeAsString());
}

TEST(EpisodeSizesTest, EvaluatesWithTheSameShotsAlways) {
  v1::Episode episode = EmptyEpisode("gaussian_process");
  episode.mutable_gaussian_process()->set_shots(3);
  episode.mutable_gaussian_process()->set_max_shots(20);
  EXPECT_EQ(MaxShotsOf(episode), 20u);
  v1::EvaluationSpec evaluation;
  EXPECT_EQ(MaxShotsOf(EvaluatedEpisode(evaluation, episode)), 3u);
  evaluation.set_shots(10);
  EXPECT_EQ(ShotsOf(EvaluatedEpisode(evaluation, episode)), 10u);
  EXPECT_EQ(MaxShotsOf(EvaluatedEpisode(evaluation, episode)), 10u);
}

// As completed before there was such a field, or of a kind that has none.
TEST(EpisodeSizesTest, TakesShotsForTheMostWhereNothingElseIsSaid) {
  for (const std::string& kind : EpisodeKinds()) {
    v1::EvaluationSpec evaluation;
    evaluation.set_shots(3);
    EXPECT_EQ(MaxShotsOf(EvaluatedEpisode(evaluation, EmptyEpisode(kind))), 3u) << kind;
  }
}

TEST(EpisodeSizesTest, HasNoSizesWithoutAKind) {
  EXPECT_EQ(WaysOf(v1::Episode()), 0u);
  EXPECT_EQ(ShotsOf(v1::Episode()), 0u);
  EXPECT_EQ(QueriesOf(v1::Episode()), 0u);
}

TEST(EpisodeKindTest, KnowsWhichKindsAreDrawnOnTheSpot) {
  EXPECT_EQ(DrawnDatasetOf(EmptyEpisode("sinusoid")), "sinusoid");
  EXPECT_EQ(DrawnDatasetOf(EmptyEpisode("gaussian_process")), "gaussian-process");
  EXPECT_EQ(DrawnDatasetOf(EmptyEpisode("classification")), "");
  EXPECT_EQ(DrawnDatasetOf(v1::Episode()), "");
  EXPECT_THAT(DrawnDatasets(), testing::ElementsAre("sinusoid", "gaussian-process"));
}

}  // namespace
}  // namespace outerloop::data
