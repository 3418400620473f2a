#include "data/class_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"

namespace outerloop::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

DatasetIndex IndexOf(uint32_t classes) {
  DatasetIndex index{.classes = {}, .channels = 1, .height = 1, .width = 1, .provenance = ""};
  for (uint32_t i = 0; i < classes; ++i) {
    const char* origins[] = {"images_background", "images_evaluation", "images_extra"};
    index.classes.push_back({.name = absl::StrCat("class", i),
                             .origin = origins[i % 3],
                             .first_row = 20 * i,
                             .examples = 20});
  }
  return index;
}

v1::ClassSplit Random(uint64_t seed, uint32_t train, uint32_t validation, uint32_t test) {
  v1::ClassSplit split;
  split.mutable_random()->set_seed(seed);
  split.mutable_random()->set_train(train);
  split.mutable_random()->set_validation(validation);
  split.mutable_random()->set_test(test);
  return split;
}

std::string ErrorOf(const v1::ClassSplit& split, const DatasetIndex& index) {
  const auto splits = ResolveSplit(split, index);
  EXPECT_TRUE(absl::IsInvalidArgument(splits.status())) << splits.status();
  return std::string(splits.status().message());
}

TEST(ResolveSplit, DealsDisjointSplitsOfTheSizesAskedFor) {
  const auto splits = ResolveSplit(Random(0, 1100, 100, 423), IndexOf(1623));
  ASSERT_TRUE(splits.ok()) << splits.status();
  EXPECT_EQ(splits->train.size(), 1100u);
  EXPECT_EQ(splits->validation.size(), 100u);
  EXPECT_EQ(splits->test.size(), 423u);
  std::set<uint32_t> all(splits->train.begin(), splits->train.end());
  all.insert(splits->validation.begin(), splits->validation.end());
  all.insert(splits->test.begin(), splits->test.end());
  EXPECT_EQ(all.size(), 1623u);
  EXPECT_EQ(*all.rbegin(), 1622u);
}

// Jobs run before must find their classes again: these values may never change.
TEST(ResolveSplit, DealsTheSameClassesForEver) {
  const auto splits = ResolveSplit(Random(7, 4, 2, 3), IndexOf(1623));
  ASSERT_TRUE(splits.ok()) << splits.status();
  EXPECT_THAT(splits->train, ElementsAre(1588, 690, 1051, 307));
  EXPECT_THAT(splits->validation, ElementsAre(1527, 1378));
  EXPECT_THAT(splits->test, ElementsAre(1582, 1043, 272));
}

TEST(ResolveSplit, DealsOtherClassesForAnotherSeed) {
  const auto one = ResolveSplit(Random(0, 20, 0, 0), IndexOf(1000));
  const auto two = ResolveSplit(Random(1, 20, 0, 0), IndexOf(1000));
  EXPECT_NE(one->train, two->train);
}

TEST(ResolveSplit, TrainsOnTheSameClassesWhateverIsHeldOut) {
  const auto one = ResolveSplit(Random(0, 20, 0, 0), IndexOf(100));
  const auto two = ResolveSplit(Random(0, 20, 10, 30), IndexOf(100));
  EXPECT_EQ(one->train, two->train);
  EXPECT_THAT(one->test, IsEmpty());
}

TEST(ResolveSplit, RefusesMoreClassesThanThereAre) {
  const DatasetIndex index = IndexOf(100);
  EXPECT_EQ(ErrorOf(Random(0, 101, 0, 0), index),
            "dataset.split.random.train: 101 is more than the 100 classes of the data set; at most "
            "100 are allowed");
  EXPECT_EQ(ErrorOf(Random(0, 60, 41, 0), index),
            "dataset.split.random.validation: 41 is more than the 100 classes of the data set, of "
            "which the lists before it take 60; at most 40 are allowed");
  EXPECT_THAT(ErrorOf(Random(0, 60, 30, 11), index),
              HasSubstr("dataset.split.random.test: 11 is more"));
  EXPECT_THAT(ErrorOf(Random(0, 60, 30, UINT32_MAX), index), HasSubstr("at most 10 are allowed"));
}

TEST(ResolveSplit, RefusesToTrainOnNothing) {
  EXPECT_THAT(ErrorOf(Random(0, 0, 1, 1), IndexOf(9)), HasSubstr("dataset.split.random.train: 0"));
  v1::ClassSplit by_origin;
  by_origin.mutable_by_origin()->add_test("images_background");
  EXPECT_THAT(ErrorOf(by_origin, IndexOf(9)), HasSubstr("dataset.split.by_origin.train: empty"));
  EXPECT_THAT(ErrorOf(v1::ClassSplit(), IndexOf(9)), HasSubstr("dataset.split: missing"));
}

TEST(ResolveSplit, TakesClassesByOrigin) {
  v1::ClassSplit split;
  split.mutable_by_origin()->add_train("images_extra");
  split.mutable_by_origin()->add_train("images_background");
  split.mutable_by_origin()->add_test("images_evaluation");
  const auto splits = ResolveSplit(split, IndexOf(6));
  ASSERT_TRUE(splits.ok()) << splits.status();
  EXPECT_THAT(splits->of(v1::TRAIN), ElementsAre(2, 5, 0, 3));
  EXPECT_THAT(splits->of(v1::VALIDATION), IsEmpty());
  EXPECT_THAT(splits->of(v1::TEST), ElementsAre(1, 4));
}

TEST(ResolveSplit, SuggestsTheNearestOrigin) {
  v1::ClassSplit split;
  split.mutable_by_origin()->add_train("images_background");
  split.mutable_by_origin()->add_test("images_evalution");
  EXPECT_EQ(ErrorOf(split, IndexOf(6)),
            "dataset.split.by_origin.test[0]: 'images_evalution' is no origin of the data set; did "
            "you mean 'images_evaluation'?");
}

TEST(ResolveSplit, RefusesAnOriginInTwoLists) {
  v1::ClassSplit split;
  split.mutable_by_origin()->add_train("images_extra");
  split.mutable_by_origin()->add_train("images_background");
  split.mutable_by_origin()->add_validation("images_background");
  EXPECT_EQ(ErrorOf(split, IndexOf(6)),
            "dataset.split.by_origin.validation[0]: 'images_background' stands in "
            "dataset.split.by_origin.train[1] already; an origin may stand once only");
}

TEST(ResolveSplit, TakesTheStoredSplit) {
  DatasetIndex index = IndexOf(5);
  const v1::Split splits[] = {v1::TEST, v1::TRAIN, v1::VALIDATION, v1::TRAIN, v1::TEST};
  for (int i = 0; i < 5; ++i) index.classes[i].split = splits[i];
  v1::ClassSplit stored;
  stored.mutable_stored();
  const auto resolved = ResolveSplit(stored, index);
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_THAT(resolved->train, ElementsAre(1, 3));
  EXPECT_THAT(resolved->validation, ElementsAre(2));
  EXPECT_THAT(resolved->test, ElementsAre(0, 4));
}

TEST(ResolveSplit, RefusesAStoredSplitThatIsNotThereOrTrainsOnNothing) {
  v1::ClassSplit stored;
  stored.mutable_stored();
  DatasetIndex index = IndexOf(3);
  EXPECT_THAT(ErrorOf(stored, index), HasSubstr("dataset.split.stored: the data set was imported"));
  for (DatasetClass& c : index.classes) c.split = v1::TEST;
  EXPECT_THAT(ErrorOf(stored, index), HasSubstr("no class to train on"));
}

}  // namespace
}  // namespace outerloop::data
