#include "client/yaml_tree.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ErrorOf(const std::string& text) {
  return std::string(ParseYaml(text, "job.yaml").status().message());
}

TEST(YamlTreeTest, KeepsValuesInOrderWithTheLineOfTheirKeys) {
  const auto tree = ParseYaml("name: a\ntraining:\n  steps: 3\nlist: [1, ~]\n", "job.yaml");
  ASSERT_TRUE(tree.ok()) << tree.status();
  ASSERT_EQ(tree->entries.size(), 3u);
  EXPECT_EQ(tree->entries[0].value.scalar, "a");
  EXPECT_EQ(tree->entries[1].key, "training");
  EXPECT_EQ(tree->entries[1].value.place, "job.yaml:2");
  EXPECT_EQ(tree->entries[1].value.entries[0].value.place, "job.yaml:3");
  EXPECT_EQ(tree->entries[2].value.items[1].kind, YamlNode::Kind::kNull);
}

TEST(YamlTreeTest, ReadsAnEmptyTextAsNull) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    const auto tree = ParseYaml(text, "job.yaml");
    ASSERT_TRUE(tree.ok()) << tree.status();
    EXPECT_EQ(tree->kind, YamlNode::Kind::kNull) << text;
  }
}

TEST(YamlTreeTest, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(ErrorOf("a:\n  b: 1\n  c: 2\n  b: 3\n"),
            "job.yaml:4: a.b: stands twice; the first is at job.yaml:2");
}

TEST(YamlTreeTest, RefusesWhatIsNotYaml) {
  EXPECT_THAT(ErrorOf("a: 1\nb: [1, 2\n"), HasSubstr("not YAML"));
  EXPECT_THAT(ErrorOf("a: 1\n\tb: 2\n"), StartsWith("job.yaml:2: not YAML"));
  EXPECT_THAT(ErrorOf("a: *nowhere\n"), HasSubstr("not YAML"));
  EXPECT_EQ(ErrorOf("a: 1\nb: [ok, \"tab\xffle\"]\n"), "job.yaml:2: not UTF-8");
  EXPECT_EQ(ErrorOf("a:\n  \"\xc3\": 1\n"), "job.yaml:2: not UTF-8");
}

TEST(YamlTreeTest, RefusesASecondDocumentAndAKeyThatIsNoName) {
  EXPECT_THAT(ErrorOf("a: 1\n---\nb: 2\n"), HasSubstr("second document"));
  EXPECT_THAT(ErrorOf(","), HasSubstr("second document"));  // As yaml-cpp sees it, again and again.
  EXPECT_THAT(ErrorOf("a:\n  [1, 2]: 3\n"), StartsWith("job.yaml:2: a: a key must be"));
}

TEST(YamlTreeTest, RefusesDeepNestingOfAnyKind) {
  EXPECT_THAT(ErrorOf(std::string(100, '[') + std::string(100, ']')), HasSubstr("64 levels deep"));
  EXPECT_FALSE(ErrorOf(std::string(100000, '[')).empty());
  EXPECT_FALSE(ErrorOf(std::string(100000, '{')).empty());
  std::string blocks;
  for (int i = 0; i < 5000; ++i) blocks += "- ";
  EXPECT_FALSE(ErrorOf(blocks + "1").empty());
}

TEST(YamlTreeTest, RefusesAliasesThatMultiply) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    absl::StrAppend(&text, "a", i, ": &a", i, " [");
    for (int k = 0; k < 10; ++k) absl::StrAppend(&text, k ? ", " : "", "*a", i - 1);
    text += "]\n";
  }
  EXPECT_THAT(ErrorOf(text), HasSubstr("more than 20000 values"));
}

TEST(YamlTreeTest, RefusesAnAliasInsideWhatItStandsFor) {
  EXPECT_FALSE(ErrorOf("a: &a [*a]\n").empty());
}

TEST(YamlTreeTest, RefusesALongText) {
  EXPECT_THAT(ErrorOf(std::string(kMaxYamlBytes + 1, ' ')), HasSubstr("bytes"));
}

TEST(YamlTreeTest, WritesAValueOnOneLine) {
  const auto tree = ParseYaml("a: [1, {b: x, c: }]\nd: 1e-3\n", "text");
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(ToFlow(*tree), "{a: [1, {b: x, c: }], d: 1e-3}");
}

}  // namespace
}  // namespace outerloop::client
