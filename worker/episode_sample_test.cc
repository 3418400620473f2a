#include "worker/episode_sample.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "common/protocol.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

using data::ClassificationTask;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Classes of eight images, whose image in row r has the value r in every place of channel 0, and
// r + 100 in every other channel.
class EpisodeSampleTest : public testing::Test {
 protected:
  void MakeDataset(uint32_t classes, uint32_t side, uint32_t channels = 1) {
    for (uint32_t c = 0; c < classes; ++c) {
      dataset_.index.classes.push_back({"class" + std::to_string(c), "here", 8 * c, 8});
    }
    dataset_.index.channels = channels;
    dataset_.index.height = dataset_.index.width = side;
    for (uint32_t row = 0; row < 8 * classes; ++row) {
      for (uint32_t c = 0; c < channels; ++c) {
        pixels_.insert(pixels_.end(), side * side, static_cast<uint8_t>(row + (c ? 100 : 0)));
      }
    }
    dataset_.images = pixels_;
  }

  // Of the first `ways` classes: the first images are examples, the next ones queries.
  static ClassificationTask Task(uint32_t ways, uint32_t shots, uint32_t queries) {
    ClassificationTask task;
    for (uint32_t way = 0; way < ways; ++way) {
      task.classes.push_back(way);
      task.rotations.push_back(0);
      for (uint32_t i = 0; i < shots; ++i) task.support.push_back(8 * way + i);
      for (uint32_t i = 0; i < queries; ++i) task.query.push_back(8 * way + shots + i);
    }
    return task;
  }

  // That say of every query that it is of class `predicted[query]`.
  static meta::ScoreSeries Series(const std::vector<int64_t>& predicted, int64_t ways) {
    const torch::Tensor outputs = torch::one_hot(torch::tensor(predicted), ways).to(torch::kFloat);
    return {meta::PredictionMode::kInductive,
            3,
            "accuracy",
            {0.1f, 0.5f},
            torch::stack({torch::zeros_like(outputs), outputs})};
  }

  v1::EpisodeSample SampleOf(const data::Task& task, const meta::ScoreSeries& series) const {
    return MakeEpisodeSample(task, &dataset_, series, /*row=*/1);
  }

  std::vector<uint8_t> pixels_;
  data::DatasetView dataset_;
};

TEST_F(EpisodeSampleTest, ShowsEachQueryWithItsClassAndThePredictedOne) {
  MakeDataset(/*classes=*/2, /*side=*/2);
  const v1::EpisodeSample sample = SampleOf(Task(2, 1, 2), Series({0, 1, 1, 0}, 2));
  EXPECT_EQ(sample.mode(), v1::INDUCTIVE);
  EXPECT_EQ(sample.inner_steps(), 3u);
  EXPECT_EQ(sample.metric(), "accuracy");
  EXPECT_EQ(sample.score(), 0.5f);
  const v1::ClassificationSample& images = sample.classification();
  EXPECT_EQ(images.height(), 2u);
  EXPECT_EQ(images.width(), 2u);
  EXPECT_EQ(images.channels(), 1u);
  ASSERT_THAT(images.classes(), SizeIs(2));
  EXPECT_EQ(images.classes(1).name(), "class1");
  EXPECT_THAT(images.classes(1).support(), ElementsAre(std::string(4, 8)));
  ASSERT_THAT(images.classes(1).queries(), SizeIs(2));
  EXPECT_EQ(images.classes(1).queries(0).image(), std::string(4, 9));
  EXPECT_EQ(images.classes(1).queries(0).predicted(), 1u);
  EXPECT_EQ(images.classes(1).queries(1).image(), std::string(4, 10));
  EXPECT_EQ(images.classes(1).queries(1).predicted(), 0u);
  EXPECT_EQ(images.classes(0).queries(1).predicted(), 1u);
}

TEST_F(EpisodeSampleTest, PutsTheChannelsOfAPixelTogether) {
  MakeDataset(/*classes=*/1, /*side=*/2, /*channels=*/3);
  const v1::EpisodeSample sample = SampleOf(Task(1, 1, 1), Series({0}, 1));
  const std::string pixel = {0, 100, 100};
  EXPECT_EQ(sample.classification().classes(0).support(0), pixel + pixel + pixel + pixel);
}

TEST_F(EpisodeSampleTest, TurnsImagesAsTheTaskDoes) {
  MakeDataset(/*classes=*/1, /*side=*/2);
  pixels_[1] = 77;  // The upper right one of image 0 comes to the upper left by a quarter turn.
  ClassificationTask task = Task(1, 1, 1);
  task.rotations[0] = 1;
  const v1::SampledClass turned = SampleOf(task, Series({0}, 1)).classification().classes(0);
  EXPECT_EQ(turned.rotation(), 1u);
  EXPECT_EQ(turned.support(0), std::string({77, 0, 0, 0}));
}

TEST_F(EpisodeSampleTest, DrawsSomeExamplesOfSomeClassesAndNamesAll) {
  MakeDataset(/*classes=*/12, /*side=*/2);
  std::vector<int64_t> predicted(12 * 4, 11);
  const v1::EpisodeSample message = SampleOf(Task(12, 4, 4), Series(predicted, 12));
  const v1::ClassificationSample& sample = message.classification();
  ASSERT_THAT(sample.classes(), SizeIs(12));
  EXPECT_THAT(sample.classes(9).support(), SizeIs(4));
  EXPECT_THAT(sample.classes(9).queries(), SizeIs(3));
  EXPECT_EQ(sample.classes(9).queries(2).predicted(), 11u);
  EXPECT_THAT(sample.classes(10).support(), IsEmpty());
  EXPECT_EQ(sample.classes(11).name(), "class11");
}

TEST_F(EpisodeSampleTest, DrawsFewerImagesOfAClassWhereTheyAreLarge) {
  MakeDataset(/*classes=*/20, /*side=*/84, /*channels=*/3);
  std::vector<int64_t> predicted(20 * 3);
  const v1::EpisodeSample sample = SampleOf(Task(20, 5, 3), Series(predicted, 20));
  EXPECT_LE(sample.ByteSizeLong(), kMaxSampleBytes);
  EXPECT_THAT(sample.classification().classes(0).support(), SizeIs(2));
  EXPECT_THAT(sample.classification().classes(0).queries(), SizeIs(2));
}

TEST_F(EpisodeSampleTest, ShowsPointsWithTheirPredictions) {
  const data::RegressionTask task = {.support_inputs = {1, 2},
                                     .support_targets = {3, 4},
                                     .query_inputs = {5, 6},
                                     .query_targets = {7, 8}};
  const torch::Tensor outputs = torch::tensor({{{0.f}, {0.f}}, {{7.5f}, {8.5f}}});
  const meta::ScoreSeries series = {
      meta::PredictionMode::kInductive, 1, "mse", {0, 0.25f}, outputs};
  const v1::EpisodeSample sample = MakeEpisodeSample(task, nullptr, series, 1);
  EXPECT_THAT(sample.regression().support_inputs(), ElementsAre(1, 2));
  EXPECT_THAT(sample.regression().support_targets(), ElementsAre(3, 4));
  EXPECT_THAT(sample.regression().query_inputs(), ElementsAre(5, 6));
  EXPECT_THAT(sample.regression().query_targets(), ElementsAre(7, 8));
  EXPECT_THAT(sample.regression().predictions(), ElementsAre(7.5f, 8.5f));
  EXPECT_THAT(sample.regression().deviations(), IsEmpty());
}

TEST_F(EpisodeSampleTest, ShowsHowSurePredictionsAre) {
  const data::RegressionTask task = {
      .support_inputs = {1}, .support_targets = {3}, .query_inputs = {5}, .query_targets = {7}};
  const torch::Tensor outputs = torch::tensor({{{0.f, 0.f}}, {{7.5f, 0.f}}});
  const meta::ScoreSeries series = {
      meta::PredictionMode::kInductive, 0, "log_likelihood", {0, -1}, outputs};
  const v1::RegressionSample sample = MakeEpisodeSample(task, nullptr, series, 1).regression();
  EXPECT_THAT(sample.predictions(), ElementsAre(7.5f));
  ASSERT_THAT(sample.deviations(), SizeIs(1));
  EXPECT_NEAR(sample.deviations(0), 0.1 + 0.9 * std::log(2), 1e-6);
}

TEST_F(EpisodeSampleTest, CompletesImagesInTheirOwnUnits) {
  MakeDataset(/*classes=*/1, /*side=*/2);
  const data::ImageCompletionTask task = {
      .image = 5, .rotation = 0, .support = {0}, .query = {1, 2, 3}};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const torch::Tensor outputs =
      torch::tensor({{{0.5f, 0.f}, {2.f, 0.f}, {nan, 0.f}}}).expand({2, 3, 2});
  const meta::ScoreSeries series = {
      meta::PredictionMode::kInductive, 0, "log_likelihood", {0, -1}, outputs};
  const v1::ImageCompletionSample sample = SampleOf(task, series).image_completion();
  EXPECT_EQ(sample.image(), std::string(4, 5));
  EXPECT_THAT(sample.support(), ElementsAre(0));
  EXPECT_THAT(sample.query(), ElementsAre(1, 2, 3));
  EXPECT_EQ(sample.predictions(), std::string({static_cast<char>(128), static_cast<char>(255), 0}));
}

}  // namespace
}  // namespace outerloop::worker
