#include "common/mapped_file.h"

#include <unistd.h>

#include <string>

#include "common/atomic_file.h"
#include "common/test_folder.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

std::string Text(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

TEST(MappedFile, HoldsTheContent) {
  const TestFolder folder;
  const std::string content(10'000, 'x');
  ASSERT_TRUE(WriteFileAtomically(folder / "file", content + "end").ok());
  const auto file = MappedFile::Open(folder / "file");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Text(**file), content + "end");
}

TEST(MappedFile, AnEmptyFileIsAnEmptySpan) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "").ok());
  const auto file = MappedFile::Open(folder / "file");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->bytes().empty());
}

TEST(MappedFile, OutlivesItsNameAndItsReplacement) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "old").ok());
  const auto old = MappedFile::Open(folder / "file");
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "newer").ok());
  const auto newer = MappedFile::Open(folder / "file");
  ASSERT_EQ(unlink((folder / "file").c_str()), 0);
  EXPECT_EQ(Text(**old), "old");
  EXPECT_EQ(Text(**newer), "newer");
}

TEST(MappedFile, SaysWhatIsMissing) {
  EXPECT_EQ(MappedFile::Open("/nowhere/file").status(),
            absl::NotFoundError("cannot open: /nowhere/file: No such file or directory"));
}

TEST(MappedFile, RefusesAFolder) {
  const TestFolder folder;
  EXPECT_EQ(MappedFile::Open(folder.path()).status(),
            absl::InternalError("cannot map: " + folder.path() + ": Is a directory"));
}

}  // namespace
}  // namespace outerloop
