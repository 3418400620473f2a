#include "data/split_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "data/class_split.h"

namespace outerloop::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::string ErrorOf(const std::string& content) {
  const auto splits = ParseSplits(content);
  EXPECT_TRUE(absl::IsInvalidArgument(splits.status())) << splits.status();
  return std::string(splits.status().message());
}

DatasetIndex IndexOf(uint32_t classes) {
  DatasetIndex index;
  for (uint32_t i = 0; i < classes; ++i) {
    index.classes.push_back({.name = absl::StrCat("class", i), .origin = "here", .examples = 5});
  }
  return index;
}

TEST(ParseSplits, TakesAnObjectOfClasses) {
  EXPECT_THAT(*ParseSplits(R"({"a/b": "train", "c": "val", "d": "validation", "e": "test"})"),
              ElementsAre(Pair("a/b", v1::TRAIN), Pair("c", v1::VALIDATION),
                          Pair("d", v1::VALIDATION), Pair("e", v1::TEST)));
}

TEST(ParseSplits, TakesAnObjectOfLists) {
  EXPECT_THAT(*ParseSplits(R"({"train": ["a", "b"], "test": ["c"], "val": []})"),
              ElementsAre(Pair("a", v1::TRAIN), Pair("b", v1::TRAIN), Pair("c", v1::TEST)));
}

TEST(ParseSplits, TakesLinesWithCommas) {
  EXPECT_THAT(
      *ParseSplits("class,split\na,train\r\n\n \"b, and c\" , test\nd,e,val"),
      ElementsAre(Pair("a", v1::TRAIN), Pair("b, and c", v1::TEST), Pair("d,e", v1::VALIDATION)));
  EXPECT_THAT(*ParseSplits("\xef\xbb\xbf"
                           "a,train\n\"say \"\"b\"\"\",test"),
              ElementsAre(Pair("a", v1::TRAIN), Pair("say \"b\"", v1::TEST)));
}

TEST(ParseSplits, NormalisesNames) {
  EXPECT_THAT(*ParseSplits("cafe\xcc\x81,train"), ElementsAre(Pair("caf\xc3\xa9", v1::TRAIN)));
}

TEST(ParseSplits, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(ErrorOf(" \n"), "names no class");
  EXPECT_EQ(ErrorOf("a,train\nb"), "line 2: must be CLASS,SPLIT");
  EXPECT_EQ(ErrorOf("a,trian"), "line 1: 'trian' is no split; give train, validation or test");
  EXPECT_THAT(ErrorOf("{\"a\": "), HasSubstr("no valid JSON object"));
  EXPECT_THAT(ErrorOf(R"({"a": 1})"), HasSubstr("'a': must be a split, or a list of classes"));
  EXPECT_THAT(ErrorOf(R"({"train": [1]})"), HasSubstr("must be a list of names"));
  EXPECT_THAT(ErrorOf(R"({"all": ["a"]})"), HasSubstr("'all' is no split"));
}

TEST(ParseSplits, RefusesAClassThatStandsTwice) {
  EXPECT_EQ(ErrorOf("a,train\na,test"),
            "line 2: class 'a' stands in train already; a class may stand once only");
  EXPECT_THAT(ErrorOf(R"({"train": ["a"], "test": ["a"]})"), HasSubstr("a class may stand once"));
  EXPECT_THAT(ErrorOf(R"({"a": "train", "a": "test"})"), HasSubstr("'a' stands twice"));
}

TEST(AssignSplits, GivesEachClassItsSplit) {
  DatasetIndex index = IndexOf(2);
  ASSERT_TRUE(AssignSplits({{"class1", v1::TRAIN}, {"class0", v1::TEST}}, index).ok());
  EXPECT_EQ(index.classes[0].split, v1::TEST);
  EXPECT_EQ(index.classes[1].split, v1::TRAIN);
}

TEST(AssignSplits, RefusesClassesThatAreUnknownOrForgotten) {
  DatasetIndex index = IndexOf(2);
  EXPECT_EQ(AssignSplits({{"class0", v1::TRAIN}}, index).message(),
            "class 'class1' is in no split; name every class, or take its folder away");
  const SplitAssignment more = {{"class0", v1::TRAIN}, {"class1", v1::TEST}, {"clas1", v1::TEST}};
  EXPECT_EQ(AssignSplits(more, index).message(),
            "'clas1' is no class of the data set; did you mean 'class1'?");
}

TEST(DealSplits, DealsAsARandomSplitOfAJobDoes) {
  const DatasetIndex index = IndexOf(100);
  const auto dealt = DealSplits(index, {.train = 0.64, .validation = 0.16, .test = 0.2}, 7);
  ASSERT_TRUE(dealt.ok()) << dealt.status();
  v1::ClassSplit split;
  split.mutable_random()->set_seed(7);
  split.mutable_random()->set_train(64);
  split.mutable_random()->set_validation(16);
  split.mutable_random()->set_test(20);
  const auto expected = ResolveSplit(split, index);
  for (const uint32_t i : expected->train) EXPECT_EQ(dealt->at(index.classes[i].name), v1::TRAIN);
  for (const uint32_t i : expected->test) EXPECT_EQ(dealt->at(index.classes[i].name), v1::TEST);
  EXPECT_EQ(dealt->size(), 100u);
}

TEST(DealSplits, GivesEveryClassOneSplitWhateverTheFractions) {
  for (uint32_t classes = 1; classes < 40; ++classes) {
    const auto dealt =
        DealSplits(IndexOf(classes), {.train = 0.55, .validation = 0.25, .test = 0.2}, 1);
    ASSERT_TRUE(dealt.ok()) << dealt.status();
    EXPECT_EQ(dealt->size(), classes);
  }
}

TEST(DealSplits, RefusesFractionsThatAreNone) {
  const DatasetIndex index = IndexOf(10);
  for (const SplitFractions& bad : {SplitFractions{.train = 0.5, .validation = 0.1, .test = 0.1},
                                    SplitFractions{.train = 1.5, .validation = -0.5, .test = 0},
                                    SplitFractions{.train = NAN, .validation = 0.5, .test = 0.5}}) {
    EXPECT_THAT(std::string(DealSplits(index, bad, 0).status().message()),
                HasSubstr("their sum 1"));
  }
  EXPECT_THAT(std::string(DealSplits(index, {.train = 0, .test = 1}, 0).status().message()),
              HasSubstr("train"));
}

}  // namespace
}  // namespace outerloop::data
