#include "data/image_completion_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace outerloop::data {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Lt;

// Classes of 1, 3 and 2 images of 4 x 5 pixels: rows 0, 1 to 3, 4 and 5.
DatasetIndex Index() {
  return {.classes = {{.name = "a", .origin = "test", .first_row = 0, .examples = 1},
                      {.name = "b", .origin = "test", .first_row = 1, .examples = 3},
                      {.name = "c", .origin = "test", .first_row = 4, .examples = 2}},
          .channels = 1,
          .height = 4,
          .width = 5,
          .provenance = ""};
}

v1::ImageCompletion Episode(uint32_t shots, uint32_t queries, bool rotations = false) {
  v1::ImageCompletion episode;
  episode.set_shots(shots);
  episode.set_queries(queries);
  episode.set_rotations(rotations);
  return episode;
}

// From the classes a and c.
ImageCompletionTask Draw(const v1::ImageCompletion& episode, uint32_t task) {
  RandomStream random(/*seed=*/5, RandomPurpose::kTrainTask, /*step=*/1, task);
  const DatasetIndex index = Index();
  const std::vector<uint32_t> classes = {0, 2};
  return std::get<ImageCompletionTask>(
      MakeImageCompletionSampler(episode, {.index = index, .classes = classes})->Draw(random));
}

std::string ErrorOf(const v1::ImageCompletion& episode, const DatasetIndex& index = Index()) {
  const EpisodeUse use{.queries_path = "evaluations[1].queries", .note = " (evaluations[1])"};
  const std::vector<uint32_t> classes = {0, 2};
  const absl::Status status =
      MakeImageCompletionSampler(episode, {.index = index, .classes = classes})->Check(use);
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

// A job that is resumed or repeated must find its tasks again: these values may never change.
TEST(ImageCompletionSampler, DrawsTheSameTaskForEver) {
  const ImageCompletionTask task = Draw(Episode(3, 4, /*rotations=*/true), 2);
  EXPECT_EQ(task.image, 0u);
  EXPECT_EQ(task.rotation, 3u);
  EXPECT_THAT(task.support, ElementsAre(14, 17, 1));
  EXPECT_THAT(task.query, ElementsAre(7, 9, 11, 16));
}

TEST(ImageCompletionSampler, DrawsNoPixelTwice) {
  for (uint32_t t = 0; t < 50; ++t) {
    const ImageCompletionTask task = Draw(Episode(7, 13), t);  // All twenty.
    EXPECT_EQ(task.support.size(), 7u);
    EXPECT_EQ(task.query.size(), 13u);
    std::set<uint32_t> pixels(task.support.begin(), task.support.end());
    pixels.insert(task.query.begin(), task.query.end());
    EXPECT_EQ(pixels.size(), 20u);
    EXPECT_THAT(pixels, Each(Lt(20u)));
    EXPECT_EQ(task.rotation, 0u);
  }
}

TEST(ImageCompletionSampler, DrawsTheSameSupportSetForAnyNumberOfQueries) {
  const ImageCompletionTask few = Draw(Episode(5, 1, true), 0),
                            many = Draw(Episode(5, 15, true), 0);
  EXPECT_EQ(few.image, many.image);
  EXPECT_EQ(few.rotation, many.rotation);
  EXPECT_EQ(few.support, many.support);
}

// Of 4,000 draws: a thousand of each turn, a third of each of three images, and a twentieth of each
// pixel; 4 standard deviations are allowed.
TEST(ImageCompletionSampler, DrawsImagesTurnsAndPixelsUniformly) {
  std::map<uint32_t, int> images, turns, first_pixels;
  for (uint32_t t = 0; t < 4000; ++t) {
    const ImageCompletionTask task = Draw(Episode(1, 1, true), t);
    ++images[task.image];
    ++turns[task.rotation];
    ++first_pixels[task.support[0]];
  }
  ASSERT_EQ(images.size(), 3u);  // Rows 0, 4 and 5.
  for (const uint32_t row : {0, 4, 5}) EXPECT_NEAR(images[row], 4000 / 3.0, 4 * 29.8);
  ASSERT_EQ(turns.size(), 4u);
  for (const auto& [turn, count] : turns) EXPECT_NEAR(count, 1000, 4 * 27.4);
  ASSERT_EQ(first_pixels.size(), 20u);
  for (const auto& [pixel, count] : first_pixels) EXPECT_NEAR(count, 200, 4 * 13.8);
}

TEST(ImageCompletionSampler, RefusesMorePixelsThanAnImageHas) {
  EXPECT_EQ(ErrorOf(Episode(7, 13)), "");
  EXPECT_EQ(
      ErrorOf(Episode(8, 13)),
      "evaluations[1].queries: 13 with 8 of episode.image_completion.shots is not possible; at "
      "least 1 of each is needed, and an image has 20 pixels in all (evaluations[1])");
  v1::ImageCompletion varying = Episode(2, 13);
  varying.set_max_shots(7);
  EXPECT_EQ(ErrorOf(varying), "");
  varying.set_max_shots(8);
  EXPECT_THAT(ErrorOf(varying),
              HasSubstr("13 with 8 of episode.image_completion.max_shots is not"));
  EXPECT_THAT(ErrorOf(Episode(0, 13)), HasSubstr("13 with 0 of"));
  EXPECT_THAT(ErrorOf(Episode(7, 0)), HasSubstr("0 with 7 of"));
  EXPECT_THAT(ErrorOf(Episode(UINT32_MAX, UINT32_MAX)), HasSubstr("is not possible"));
}

TEST(ImageCompletionSampler, RefusesToTurnImagesThatAreNotSquare) {
  EXPECT_THAT(ErrorOf(Episode(1, 1, true)),
              HasSubstr("episode.image_completion.rotations: images of 4 x 5 are not square"));
  DatasetIndex square = Index();
  square.width = 4;
  EXPECT_EQ(ErrorOf(Episode(1, 1, true), square), "");
}

}  // namespace
}  // namespace outerloop::data
