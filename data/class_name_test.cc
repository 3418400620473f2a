#include "data/class_name.h"

#include <gtest/gtest.h>

namespace outerloop::data {
namespace {

constexpr char kOneCharacter[] = "caf\xc3\xa9";    // U+00E9
constexpr char kTwoCharacters[] = "cafe\xcc\x81";  // e, U+0301
constexpr char kCapital[] = "CAF\xc3\x89";         // U+00C9

TEST(ClassName, ComposesWhatMacOsWritesAsTwoCharacters) {
  EXPECT_EQ(*NormaliseClassName(kTwoCharacters), kOneCharacter);
  EXPECT_EQ(*NormaliseClassName(kOneCharacter), kOneCharacter);
  EXPECT_EQ(*NormaliseClassName("plain/name_01"), "plain/name_01");
  EXPECT_EQ(*NormaliseClassName(""), "");
}

TEST(ClassName, LeavesOutCaseWhenFolded) {
  EXPECT_EQ(FoldClassName(kCapital), FoldClassName(kOneCharacter));
  EXPECT_EQ(FoldClassName("Cat"), FoldClassName("cAT"));
  EXPECT_NE(FoldClassName("cat"), FoldClassName("cats"));
}

TEST(ClassName, RefusesWhatIsNotUtf8) {
  for (const char* bad : {"\xff", "caf\xe9", "\xc3", "\xed\xa0\x80"}) {
    const auto name = NormaliseClassName(bad);
    EXPECT_TRUE(absl::IsInvalidArgument(name.status())) << name.status();
  }
  EXPECT_EQ(NormaliseClassName("caf\xe9").status().message(), "'caf\\xe9' is not UTF-8; rename it");
}

}  // namespace
}  // namespace outerloop::data
