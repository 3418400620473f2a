#include "coordinator/core/identifier.h"

#include <map>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

TEST(IdentifierTest, IsThePrefixAndTwelveCharactersAndAJobName) {
  const std::string identifier = NewIdentifier("job-");
  EXPECT_THAT(identifier, testing::MatchesRegex("job-[0-9a-hj-km-np-tv-z]{12}"));
  EXPECT_TRUE(IsJobName(identifier));
}

TEST(IdentifierTest, NoTwoAreEqualAndEveryCharacterOccursAboutAsOften) {
  constexpr int kIdentifiers = 8000;
  std::set<std::string> seen;
  std::map<char, int> characters;
  for (int i = 0; i < kIdentifiers; ++i) {
    const std::string random = NewIdentifier("");
    seen.insert(random);
    for (const char c : random) ++characters[c];
  }
  EXPECT_EQ(seen.size(), kIdentifiers);
  EXPECT_EQ(characters.size(), 32);
  // 3000 of each are expected, with a standard deviation of 54.
  for (const auto& [character, count] : characters) EXPECT_NEAR(count, 3000, 540) << character;
}

TEST(IdentifierTest, TakesNamesOfOneTo63Characters) {
  EXPECT_TRUE(IsJobName("a"));
  EXPECT_TRUE(IsJobName("maml-omniglot-5w1s"));
  EXPECT_TRUE(IsJobName(std::string(63, 'z')));
  EXPECT_FALSE(IsJobName(""));
  EXPECT_FALSE(IsJobName(std::string(64, 'z')));
}

TEST(IdentifierTest, RefusesOtherCharacters) {
  for (const char* name : {"A", "a b", "a_b", "a/b", "..", "ä", "a\n"}) {
    EXPECT_FALSE(IsJobName(name)) << name;
  }
}

}  // namespace
}  // namespace outerloop::coordinator
