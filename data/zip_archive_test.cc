#include "data/zip_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "common/test_folder.h"
#include "data/test_archive.h"

namespace outerloop::data {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ReadZipTest : public ::testing::Test {
 protected:
  std::string ErrorOf(const std::string& path, const ArchiveLimits& limits = {}) {
    const auto entries = ReadZip(path, limits);
    EXPECT_TRUE(absl::IsInvalidArgument(entries.status())) << entries.status();
    return std::string(entries.status().message());
  }

  const TestFolder folder_;
  const std::string path_ = folder_ / "some.zip";
};

TEST_F(ReadZipTest, GivesTheFilesInOrderWithoutTheFolders) {
  WriteZip(path_, {{"b/", ""}, {"b/two.txt", "second"}, {"a.bin", std::string("\0\xff", 2)}});
  const auto entries = ReadZip(path_, {});
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ(entries->at(0).path, "b/two.txt");
  EXPECT_EQ(entries->at(0).bytes, "second");
  EXPECT_EQ(entries->at(1).path, "a.bin");
  EXPECT_EQ(entries->at(1).bytes, std::string("\0\xff", 2));
}

TEST_F(ReadZipTest, SaysThatAFileIsMissing) {
  const auto entries = ReadZip(folder_ / "none.zip", {});
  EXPECT_TRUE(absl::IsNotFound(entries.status())) << entries.status();
  EXPECT_THAT(entries.status().message(), HasSubstr("none.zip"));
}

TEST_F(ReadZipTest, RefusesAnArchiveCutOffAnywhere) {
  WriteZip(path_, {{"a/one.txt", "some text"}, {"a/two.txt", "some more text"}});
  const std::string whole = ReadBytes(path_);
  for (size_t size = 0; size < whole.size(); ++size) {
    WriteBytes(path_, whole.substr(0, size));
    EXPECT_THAT(ErrorOf(path_), HasSubstr(path_)) << size;
  }
}

TEST_F(ReadZipTest, RefusesRandomBytes) {
  std::mt19937 random(1);
  std::string bytes(100000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  WriteBytes(path_, bytes);
  EXPECT_THAT(ErrorOf(path_), AllOf(HasSubstr(path_), HasSubstr("corrupt or truncated")));
}

TEST_F(ReadZipTest, RefusesContentThatDoesNotMatchItsChecksum) {
  WriteZip(path_, {{"good.txt", "unharmed"}, {"bad.txt", "to be spoilt"}});
  std::string bytes = ReadBytes(path_);
  bytes.replace(bytes.find("spoilt"), 6, "SPOILT");
  WriteBytes(path_, bytes);
  EXPECT_THAT(ErrorOf(path_), AllOf(HasSubstr("bad.txt"), HasSubstr("CRC")));
}

TEST_F(ReadZipTest, SurvivesEveryFlippedByte) {
  WriteZip(path_, {{"a/one.txt", "some text"}, {"a/two.txt", "some more text"}});
  const std::string whole = ReadBytes(path_);
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string spoilt = whole;
    spoilt[i] = static_cast<char>(spoilt[i] ^ 0x5a);
    WriteBytes(path_, spoilt);
    const auto entries = ReadZip(path_, {});
    if (!entries.ok()) {
      EXPECT_TRUE(absl::IsInvalidArgument(entries.status())) << i;
    }
  }
}

TEST_F(ReadZipTest, RefusesPathsThatLeadOutOfTheArchive) {
  for (const char* bad :
       {"../evil", "a/../../evil", "/etc/evil", "a//evil", "./evil", "..\\evil"}) {
    WriteZip(path_, {{"good.txt", ""}, {bad, "content"}});
    EXPECT_THAT(ErrorOf(path_), AllOf(HasSubstr("evil"), HasSubstr("leads out of the archive")));
  }
}

TEST_F(ReadZipTest, HoldsItsLimits) {
  WriteZip(path_, {{"a", std::string(100, 'x')}, {"b", std::string(100, 'x')}});
  EXPECT_TRUE(ReadZip(path_, {.entries = 2, .entry_bytes = 100, .total_bytes = 200}).ok());
  EXPECT_THAT(ErrorOf(path_, {.entries = 1}), HasSubstr("b: more than 1 entries"));
  EXPECT_THAT(ErrorOf(path_, {.entry_bytes = 99}), HasSubstr("a: more than 99 bytes"));
  EXPECT_THAT(ErrorOf(path_, {.total_bytes = 199}), HasSubstr("b: more than 199 bytes"));
}

}  // namespace
}  // namespace outerloop::data
