#include "data/classification_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"

namespace outerloop::data {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;

constexpr uint32_t kExamples = 20;

DatasetIndex IndexOf(uint32_t classes) {
  DatasetIndex index{.classes = {}, .channels = 1, .height = 1, .width = 1, .provenance = ""};
  for (uint32_t i = 0; i < classes; ++i) {
    index.classes.push_back({.name = absl::StrCat("class", i),
                             .origin = "test",
                             .first_row = kExamples * i,
                             .examples = kExamples});
  }
  return index;
}

std::vector<uint32_t> UpTo(uint32_t count) {
  std::vector<uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

v1::Classification Episode(uint32_t ways, uint32_t shots, uint32_t queries, bool rotations) {
  v1::Classification episode;
  episode.set_ways(ways);
  episode.set_shots(shots);
  episode.set_queries(queries);
  episode.set_rotations(rotations);
  return episode;
}

ClassificationTask Draw(const v1::Classification& episode, uint32_t classes, uint32_t task) {
  RandomStream random(/*seed=*/5, RandomPurpose::kTrainTask, /*step=*/1, task);
  const DatasetIndex index = IndexOf(classes);
  const std::vector<uint32_t> pool = UpTo(classes);
  return std::get<ClassificationTask>(
      MakeClassificationSampler(episode, {.index = index, .classes = pool})->Draw(random));
}

// All classes of `index` are those of the split.
absl::Status Check(const v1::Classification& episode, const DatasetIndex& index) {
  const EpisodeUse use{.split = v1::VALIDATION,
                       .queries_path = "evaluations[0].queries",
                       .note = " (evaluations[0])"};
  const std::vector<uint32_t> pool = UpTo(static_cast<uint32_t>(index.classes.size()));
  return MakeClassificationSampler(episode, {.index = index, .classes = pool})->Check(use);
}

absl::Status Check(const v1::Classification& episode, uint32_t classes) {
  return Check(episode, IndexOf(classes));
}

// 99.99% of a chi-square distribution lies below this, for 20 degrees of freedom and more (Wilson
// and Hilferty 1931).
double Bound(double freedom) {
  const double root = 1 - 2 / (9 * freedom) + 3.72 * std::sqrt(2 / (9 * freedom));
  return freedom * root * root * root;
}

double ChiSquare(const std::vector<int>& counts) {
  const double expected =
      std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

TEST(ClassificationSampler, DrawsTheSizesAskedFor) {
  const ClassificationTask task = Draw(Episode(5, 2, 3, false), 30, 0);
  EXPECT_EQ(task.classes.size(), 5u);
  EXPECT_EQ(task.rotations, std::vector<uint32_t>(5, 0));
  EXPECT_EQ(task.support.size(), 10u);
  EXPECT_EQ(task.query.size(), 15u);
}

TEST(ClassificationSampler, TakesTheExamplesOfAWayFromItsClass) {
  for (uint32_t t = 0; t < 100; ++t) {
    const ClassificationTask task = Draw(Episode(5, 2, 3, true), 30, t);
    for (size_t i = 0; i < task.support.size(); ++i) {
      EXPECT_EQ(task.support[i] / kExamples, task.classes[i / 2]);
    }
    for (size_t i = 0; i < task.query.size(); ++i) {
      EXPECT_EQ(task.query[i] / kExamples, task.classes[i / 3]);
    }
  }
}

TEST(ClassificationSampler, DrawsNothingTwiceInATask) {
  for (uint32_t t = 0; t < 200; ++t) {
    const ClassificationTask task = Draw(Episode(6, 8, 12, true), 4, t);
    std::set<std::pair<uint32_t, uint32_t>> ways;
    std::set<std::pair<uint32_t, uint32_t>> drawings;  // Rotation and row.
    for (size_t w = 0; w < 6; ++w) {
      ways.insert({task.classes[w], task.rotations[w]});
      for (size_t i = 0; i < 8; ++i) drawings.insert({task.rotations[w], task.support[w * 8 + i]});
      for (size_t i = 0; i < 12; ++i) drawings.insert({task.rotations[w], task.query[w * 12 + i]});
    }
    EXPECT_EQ(ways.size(), 6u);
    EXPECT_EQ(drawings.size(), 6u * kExamples);  // All examples of each way, each once.
    EXPECT_THAT(task.rotations, Each(Le(3u)));
  }
}

TEST(ClassificationSampler, DrawsTheSameSupportSetForAnyNumberOfQueries) {
  for (uint32_t t = 0; t < 50; ++t) {
    const ClassificationTask few = Draw(Episode(5, 3, 1, true), 30, t);
    const ClassificationTask many = Draw(Episode(5, 3, 17, true), 30, t);
    EXPECT_EQ(few.classes, many.classes);
    EXPECT_EQ(few.rotations, many.rotations);
    EXPECT_EQ(few.support, many.support);
  }
}

TEST(ClassificationSampler, DrawsClassesTurnsAndExamplesUniformly) {
  constexpr uint32_t kClasses = 10;
  std::vector<int> ways(4 * kClasses), support(kClasses * kExamples), query(kClasses * kExamples);
  for (uint32_t t = 0; t < 4000; ++t) {
    const ClassificationTask task = Draw(Episode(5, 1, 2, true), kClasses, t);
    for (size_t w = 0; w < 5; ++w) ++ways[4 * task.classes[w] + task.rotations[w]];
    for (const uint32_t row : task.support) ++support[row];
    for (const uint32_t row : task.query) ++query[row];
  }
  EXPECT_LT(ChiSquare(ways), Bound(ways.size() - 1));
  EXPECT_LT(ChiSquare(support), Bound(support.size() - 1));
  EXPECT_LT(ChiSquare(query), Bound(query.size() - 1));
}

TEST(ClassificationSampler, CountsAClassFourTimesWithRotations) {
  EXPECT_TRUE(Check(Episode(20, 1, 1, true), 5).ok());
  EXPECT_EQ(Check(Episode(21, 1, 1, true), 5).message(),
            "episode.classification.ways: 21 is more than the 20 classes (5 in 4 rotations) of "
            "split validation; at most 20 are allowed (evaluations[0])");
}

TEST(ClassificationSampler, RefusesMoreWaysThanClasses) {
  EXPECT_TRUE(Check(Episode(100, 1, 1, false), 100).ok());
  EXPECT_EQ(Check(Episode(200, 1, 1, false), 100),
            absl::InvalidArgumentError(
                "episode.classification.ways: 200 is more than the 100 classes of split "
                "validation; at most 100 are allowed (evaluations[0])"));
}

TEST(ClassificationSampler, RefusesMoreExamplesThanTheSmallestClassHas) {
  EXPECT_TRUE(Check(Episode(5, 5, 15, false), 10).ok());
  EXPECT_EQ(Check(Episode(5, 5, 16, false), 10).message(),
            "evaluations[0].queries: 16 with 5 of episode.classification.shots is more than the 20 "
            "examples of class 'class0'; shots + queries may be at most 20 (evaluations[0])");
  EXPECT_FALSE(Check(Episode(5, UINT32_MAX, 2, false), 10).ok());
  DatasetIndex index = IndexOf(10);
  index.classes[7].examples = 9;
  EXPECT_THAT(Check(Episode(5, 5, 5, false), index).message(),
              HasSubstr("the 9 examples of class 'class7'"));
}

TEST(ClassificationSampler, RefusesNumbersThatMakeNoTask) {
  EXPECT_THAT(Check(Episode(1, 1, 1, false), 10).message(),
              HasSubstr("episode.classification.ways: 1 is too few; at least 2"));
  EXPECT_THAT(Check(Episode(5, 0, 1, false), 10).message(),
              HasSubstr("episode.classification.shots: 0 is too few; at least 1"));
  EXPECT_THAT(Check(Episode(5, 1, 0, false), 10).message(),
              HasSubstr("evaluations[0].queries: 0 is too few; at least 1"));
}

}  // namespace
}  // namespace outerloop::data
