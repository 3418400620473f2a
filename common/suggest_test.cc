#include "common/suggest.h"

#include <vector>

#include "gtest/gtest.h"

namespace outerloop {
namespace {

const std::vector<std::string> kKeys = {"inner_steps", "inner_rate", "ways", "shots", "queries"};

TEST(NearestName, ForgivesATypingError) {
  EXPECT_EQ(NearestName("inner_step", kKeys), "inner_steps");    // One left out.
  EXPECT_EQ(NearestName("inner_stepss", kKeys), "inner_steps");  // One too many.
  EXPECT_EQ(NearestName("inner-rate", kKeys), "inner_rate");     // One for another.
  EXPECT_EQ(NearestName("quereis", kKeys), "queries");           // Two swapped.
}

TEST(NearestName, CaseCountsNothing) {
  EXPECT_EQ(NearestName("WAYS", kKeys), "ways");
  EXPECT_EQ(NearestName("ways", std::vector<std::string>{"Ways"}), "Ways");
}

TEST(NearestName, ASwapIsOneEdit) {
  // Three letters allow one edit; as two substitutions "abc" would be too far.
  EXPECT_EQ(NearestName("acb", std::vector<std::string>{"abc"}), "abc");
}

TEST(NearestName, TheNearerWinsAndThenTheFirst) {
  EXPECT_EQ(NearestName("axcdef", std::vector<std::string>{"axxdef", "abcdef", "axcdefg"}),
            "axxdef");
  EXPECT_EQ(NearestName("abcdef", std::vector<std::string>{"axcdef", "abcdef"}), "abcdef");
}

TEST(NearestName, GivesNothingBeyondAThirdOfTheLength) {
  EXPECT_EQ(NearestName("abcxyz", std::vector<std::string>{"abcdez"}), "abcdez");  // 2 of 6.
  EXPECT_EQ(NearestName("abwxyz", std::vector<std::string>{"abcdez"}), "");        // 3 of 6.
  EXPECT_EQ(NearestName("", kKeys), "");
  EXPECT_EQ(NearestName("a", kKeys), "");
  EXPECT_EQ(NearestName("ways", {}), "");
  EXPECT_EQ(NearestName(std::string(10'000'000, 'w'), kKeys), "");
}

TEST(SuggestName, EndsAMessage) {
  EXPECT_EQ(SuggestName("shot", kKeys), "; did you mean 'shots'?");
  EXPECT_EQ(SuggestName("learning_rate", std::vector<std::string>{"ways", "shots"}),
            "; known: ways, shots");
  EXPECT_EQ(SuggestName("ways", {}), "");
}

TEST(SuggestName, ListsEightNamesAtMost) {
  const std::vector<std::string> many = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  EXPECT_EQ(SuggestName("none", many), "; known: a, b, c, d, e, f, g, h, ...");
  EXPECT_EQ(SuggestName("none", std::span(many).first(8)), "; known: a, b, c, d, e, f, g, h");
}

}  // namespace
}  // namespace outerloop
