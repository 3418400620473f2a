#include <string>

#include "absl/strings/str_cat.h"
#include "common/atomic_file.h"
#include "common/test_folder.h"
#include "coordinator/security/token_file.h"
#include "coordinator/security/token_table.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAdas[] = "0123456789abcdef0123456789abcdef";
constexpr char kWorkers[] = "fedcba9876543210fedcba9876543210";

std::string Refusal(const std::string& text) {
  return std::string(TokenTable::Parse(text).status().message());
}

TEST(TokenTable, FindsWhoHasAToken) {
  const auto table = TokenTable::Parse(
      absl::StrCat("# tokens\n\nclient ada ", kAdas,
                   "  # by hand\nworker\tpool sha256:", Sha256Hex(kWorkers), "\r\n"));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->size(), 2u);
  EXPECT_EQ(table->Find(kAdas), (Caller{Role::kClient, "ada"}));
  EXPECT_EQ(table->Find(kWorkers), (Caller{Role::kWorker, "pool"}));
}

TEST(TokenTable, FindsNobodyForAnythingElse) {
  const auto table = TokenTable::Parse(absl::StrCat("admin root ", kAdas));
  ASSERT_TRUE(table.ok());
  for (const std::string& token :
       {std::string(), std::string(kAdas).substr(1), absl::StrCat(kAdas, "0"), Sha256Hex(kAdas),
        absl::StrCat("sha256:", Sha256Hex(kAdas)), std::string(kWorkers)}) {
    EXPECT_EQ(table->Find(token), std::nullopt) << token;
  }
}

TEST(TokenTable, NamesTheLineThatIsWrongAndNotItsToken) {
  const std::string good = absl::StrCat("client ada ", kAdas, "\n");
  EXPECT_THAT(Refusal(absl::StrCat(good, "client bob\n")), HasSubstr("line 2: a line is"));
  EXPECT_THAT(Refusal(absl::StrCat("owner ada ", kAdas)), HasSubstr("line 1: a role is"));
  EXPECT_THAT(Refusal(absl::StrCat("client a/b ", kAdas)), HasSubstr("a name has"));
  EXPECT_THAT(Refusal("client ada sha256:abc"), HasSubstr("64 lower-case"));
  EXPECT_THAT(Refusal(absl::StrCat(good, "admin root ", kAdas)), HasSubstr("line 2: a token"));
  const std::string too_short = Refusal("client ada hunter2");
  EXPECT_THAT(too_short, HasSubstr("32 characters"));
  EXPECT_THAT(too_short, Not(HasSubstr("hunter2")));
}

class TokenFileTest : public testing::Test {
 protected:
  void Write(const std::string& text) { EXPECT_TRUE(WriteFileAtomically(path_, text).ok()); }

  const TestFolder folder_;
  const std::string path_ = folder_ / "tokens";
};

TEST_F(TokenFileTest, IsReadAgainWhenItIsReplaced) {
  Write(absl::StrCat("client ada ", kAdas, "\n"));
  const auto file = *TokenFile::Open(path_);
  EXPECT_NE(file->Table()->Find(kAdas), std::nullopt);
  Write(absl::StrCat("worker one ", kWorkers, "\n"));
  EXPECT_EQ(file->Table()->Find(kAdas), std::nullopt);
  EXPECT_NE(file->Table()->Find(kWorkers), std::nullopt);
}

TEST_F(TokenFileTest, CountsAsItWasWhileItIsOfNoUse) {
  Write(absl::StrCat("client ada ", kAdas, "\n"));
  const auto file = *TokenFile::Open(path_);
  Write("client ada\n");
  EXPECT_NE(file->Table()->Find(kAdas), std::nullopt);
  Write("# nobody\n");
  EXPECT_EQ(file->Table()->Find(kAdas), std::nullopt);
}

TEST_F(TokenFileTest, MustBeOfUseAtFirst) {
  EXPECT_THAT(TokenFile::Open(path_).status().message(), HasSubstr("--tokens-file: "));
  Write("client\n");
  EXPECT_THAT(TokenFile::Open(path_).status().message(), HasSubstr(path_ + ", line 1"));
}

}  // namespace
}  // namespace outerloop::coordinator
