#include "data/file_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/test_folder.h"
#include "data/test_archive.h"

namespace outerloop::data {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr uint64_t kEnough = 1000;

// Paths with content, or with "! problem".
std::vector<TestEntry> Walk(const std::string& path) {
  auto source = OpenFileSource(path);
  EXPECT_TRUE(source.ok()) << source.status();
  std::vector<TestEntry> files;
  while (source.ok()) {
    const auto entry = (*source)->Next();
    EXPECT_TRUE(entry.ok()) << entry.status();
    if (!entry.ok() || !*entry) break;
    const std::string& problem = (*entry)->problem;
    files.emplace_back((*entry)->path,
                       problem.empty() ? *(*source)->Read(kEnough) : "! " + problem);
  }
  return files;
}

// The first error of walking `path` to its end.
std::string ErrorOf(const std::string& path, uint64_t max_bytes = kEnough) {
  auto source = OpenFileSource(path);
  if (!source.ok()) return std::string(source.status().message());
  while (true) {
    const auto entry = (*source)->Next();
    if (!entry.ok()) return std::string(entry.status().message());
    if (!*entry) return "";
    const auto bytes = (*source)->Read(max_bytes);
    if (!bytes.ok()) return std::string(bytes.status().message());
  }
}

class FileSourceTest : public ::testing::Test {
 protected:
  const TestFolder folder_;
  const std::string path_ = folder_ / "some";
  const std::vector<TestEntry> entries_ = {
      {"b/two.txt", "second"}, {"a/x/one.bin", std::string("\0\xff", 2)}, {"caf\xc3\xa9/c", "c"}};
};

TEST_F(FileSourceTest, GivesTheSameFilesOfAFolderAndOfEveryKindOfArchive) {
  const std::string folder = folder_ / "tree";
  WriteFolder(folder, entries_);
  EXPECT_THAT(Walk(folder), ElementsAre(entries_[1], entries_[0], entries_[2]));
  for (const ArchiveKind kind : {ArchiveKind::kZip, ArchiveKind::kTar, ArchiveKind::kTarGz}) {
    WriteArchive(kind, path_, entries_);
    EXPECT_EQ(Walk(path_), entries_);
  }
}

TEST_F(FileSourceTest, TakesWhatTarWritesOfAFolderItself) {
  WriteArchive(ArchiveKind::kTar, path_, {{"./", ""}, {"./a/", ""}, {"./a/x", "content"}});
  EXPECT_THAT(Walk(path_), ElementsAre(Pair("a/x", "content")));
}

TEST_F(FileSourceTest, NeverFollowsLinks) {
  WriteBytes(folder_ / "secret", "secret");
  const std::string tree = folder_ / "tree";
  WriteFolder(tree, {{"a/x", "content"}});
  std::filesystem::create_symlink(folder_ / "secret", tree + "/a/link");
  std::filesystem::create_directory_symlink(folder_.path(), tree + "/out");
  EXPECT_THAT(Walk(tree), ElementsAre(Pair("a/link", HasSubstr("! a link")), Pair("a/x", "content"),
                                      Pair("out", HasSubstr("! a link"))));
  for (const ArchiveKind kind : {ArchiveKind::kZip, ArchiveKind::kTar}) {
    WriteArchive(kind, path_, {{"a/x", "content"}}, {{"a/link", folder_ / "secret"}});
    EXPECT_THAT(Walk(path_),
                ElementsAre(Pair("a/x", "content"), Pair("a/link", HasSubstr("! a link"))));
  }
}

TEST_F(FileSourceTest, NamesPathsThatLeadOutOfAnArchive) {
  for (const ArchiveKind kind : {ArchiveKind::kZip, ArchiveKind::kTar, ArchiveKind::kTarGz}) {
    for (const char* bad : {"../evil", "a/../../evil", "/etc/evil", "a//evil", "..\\evil"}) {
      WriteArchive(kind, path_, {{"good", "content"}, {bad, "content"}});
      EXPECT_THAT(Walk(path_),
                  UnorderedElementsAre(
                      Pair("good", "content"),
                      Pair(HasSubstr("evil"), "! the path is empty or leads out of the archive")));
    }
  }
}

TEST_F(FileSourceTest, NamesWhatIsNeitherFileNorFolder) {
  const std::string tree = folder_ / "tree";
  WriteFolder(tree, {{"a/x", "content"}});
  ASSERT_EQ(mkfifo((tree + "/a/pipe").c_str(), 0600), 0);
  EXPECT_THAT(Walk(tree),
              ElementsAre(Pair("a/pipe", "! neither a file nor a folder"), Pair("a/x", "content")));
}

TEST_F(FileSourceTest, RefusesFilesThatAreTooLarge) {
  const std::string tree = folder_ / "tree";
  WriteFolder(tree, {{"a/x", std::string(100, 'x')}});
  EXPECT_EQ(ErrorOf(tree, 100), "");
  EXPECT_EQ(ErrorOf(tree, 99), "a file of 100 bytes; at most 99 are allowed");
  WriteArchive(ArchiveKind::kTarGz, path_, {{"a/x", std::string(100, 'x')}});
  EXPECT_EQ(ErrorOf(path_, 100), "");
  EXPECT_EQ(ErrorOf(path_, 99), "more than 99 bytes unpacked");
}

TEST_F(FileSourceTest, RefusesAnArchiveCutOffWithinItsFiles) {
  for (const ArchiveKind kind : {ArchiveKind::kZip, ArchiveKind::kTar, ArchiveKind::kTarGz}) {
    WriteArchive(kind, path_, {{"a/x", std::string(2000, 'x')}, {"a/y", std::string(2000, 'y')}});
    const std::string whole = ReadBytes(path_);
    const size_t size = kind == ArchiveKind::kTar ? 5000 : whole.size() - 20;
    WriteBytes(path_, whole.substr(0, size));
    EXPECT_THAT(ErrorOf(path_, 10'000), HasSubstr("corrupt or truncated")) << size;
  }
}

TEST_F(FileSourceTest, RefusesWhatIsNoArchiveOrNotThere) {
  WriteBytes(path_, "just text, and more of it");
  EXPECT_THAT(ErrorOf(path_), AllOf(HasSubstr(path_), HasSubstr("no folder, zip, tar or tar.gz")));
  WriteBytes(path_, "");
  EXPECT_THAT(ErrorOf(path_), HasSubstr(path_));
  EXPECT_TRUE(absl::IsNotFound(OpenFileSource(folder_ / "none").status()));
}

TEST_F(FileSourceTest, SurvivesEveryFlippedByteOfATarArchive) {
  WriteArchive(ArchiveKind::kTarGz, path_, {{"a/one", "some text"}, {"a/two", "more text"}});
  const std::string whole = ReadBytes(path_);
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string spoilt = whole;
    spoilt[i] = static_cast<char>(spoilt[i] ^ 0x5a);
    WriteBytes(path_, spoilt);
    ErrorOf(path_);
  }
}

}  // namespace
}  // namespace outerloop::data
