#include "common/atomic_file.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <functional>
#include <vector>

#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Runs `body` in a child process and returns how that ended, as waitpid says it.
int RunInChild(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int ended = -1;
  waitpid(child, &ended, 0);
  return ended;
}

TEST(AtomicFile, IsThereWholeAfterCommit) {
  const TestFolder folder;
  auto file = AtomicFile::Create(folder / "a/b/file");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Append("one ").ok());
  ASSERT_TRUE((*file)->Append("two").ok());
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_EQ(ReadFile(folder / "a/b/file").value(), "one two");
  EXPECT_THAT(NamesIn(folder / "a/b"), ElementsAre("file"));
}

TEST(AtomicFile, IsNotThereBeforeCommitAndLeavesNothingWithoutIt) {
  const TestFolder folder;
  {
    auto file = AtomicFile::Create(folder / "file");
    ASSERT_TRUE((*file)->Append("half").ok());
    EXPECT_THAT(NamesIn(folder.path()), ElementsAre(StartsWith(".tmp-")));
  }
  EXPECT_THAT(NamesIn(folder.path()), IsEmpty());
}

TEST(AtomicFile, ReplacesOnlyAtCommit) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "old").ok());
  auto file = AtomicFile::Create(folder / "file");
  ASSERT_TRUE((*file)->Append("new").ok());
  EXPECT_EQ(ReadFile(folder / "file").value(), "old");
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_EQ(ReadFile(folder / "file").value(), "new");
}

// A reader beside the writer sees the old file or the new one, never a mixture or none.
TEST(AtomicFile, IsAlwaysWholeToAReaderWhileItIsReplaced) {
  const TestFolder folder;
  const std::string a(100'000, 'a');
  const std::string b(200'000, 'b');
  ASSERT_TRUE(WriteFileAtomically(folder / "file", a).ok());
  const pid_t writer = fork();
  if (writer == 0) {
    for (int i = 0; i < 20; ++i) {
      if (!WriteFileAtomically(folder / "file", i % 2 == 0 ? b : a).ok()) _exit(1);
    }
    _exit(0);
  }
  int ended = -1;
  while (waitpid(writer, &ended, WNOHANG) == 0) {
    const auto content = ReadFile(folder / "file");
    ASSERT_TRUE(content.ok()) << content.status();
    EXPECT_TRUE(*content == a || *content == b);
  }
  EXPECT_EQ(ended, 0);
}

TEST(AtomicFile, RefusesMoreAfterCommit) {
  const TestFolder folder;
  auto file = AtomicFile::Create(folder / "file");
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_EQ((*file)->Append("x").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ((*file)->Commit().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadFile(folder / "file").value(), "");
}

TEST(AtomicFile, AKilledWriterLeavesOnlyATemporaryFile) {
  const TestFolder folder;
  const int ended = RunInChild([&] {
    auto file = AtomicFile::Create(folder / "file");
    if ((*file)->Append("half").ok()) raise(SIGKILL);
  });
  ASSERT_TRUE(WIFSIGNALED(ended));
  EXPECT_EQ(ReadFile(folder / "file").status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(NamesIn(folder.path()), ElementsAre(StartsWith(".tmp-")));
  ASSERT_TRUE(RemoveTemporaryFiles(folder.path()).ok());
  EXPECT_THAT(NamesIn(folder.path()), IsEmpty());
}

// A limit on the size of files fails a write as a full disk does.
TEST(AtomicFile, AFullDiskIsResourceExhaustedAndLeavesTheOldFile) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "old").ok());
  const int ended = RunInChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto file = AtomicFile::Create(folder / "file");
    const absl::Status appended = (*file)->Append(std::string(10'000, 'x'));
    const bool exhausted = appended.code() == absl::StatusCode::kResourceExhausted;
    // A file with a hole in it must not be put in place by a caller who goes on.
    const bool refused = (*file)->Commit().code() == absl::StatusCode::kFailedPrecondition;
    _exit(exhausted && refused ? 0 : 1);
  });
  EXPECT_EQ(ended, 0);
  EXPECT_EQ(ReadFile(folder / "file").value(), "old");
  EXPECT_THAT(NamesIn(folder.path()), ElementsAre("file"));
}

TEST(AtomicFile, SaysWhichFolderCannotBeMade) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "file", "").ok());
  const auto file = AtomicFile::Create(folder / "file/inside");
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(std::string(file.status().message()), HasSubstr(folder / "file"));
}

TEST(AtomicFile, CannotReplaceAFolder) {
  const TestFolder folder;
  std::filesystem::create_directory(folder / "file");
  EXPECT_FALSE(WriteFileAtomically(folder / "file", "x").ok());
  EXPECT_THAT(NamesIn(folder.path()), ElementsAre("file"));
}

TEST(RemoveTemporaryFiles, KeepsEverythingElse) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder / "kept", "x").ok());
  ASSERT_TRUE(WriteFileAtomically(folder / ".tmp-folder/.tmp-inside", "x").ok());
  ASSERT_TRUE(WriteFileAtomically(folder / ".tmp-left", "x").ok());
  ASSERT_TRUE(RemoveTemporaryFiles(folder.path()).ok());
  EXPECT_THAT(NamesIn(folder.path()), ElementsAre(".tmp-folder", "kept"));
  EXPECT_THAT(NamesIn(folder / ".tmp-folder"), ElementsAre(".tmp-inside"));
}

TEST(RemoveTemporaryFiles, FindsNothingInAMissingFolder) {
  const TestFolder folder;
  EXPECT_TRUE(RemoveTemporaryFiles(folder / "missing").ok());
}

TEST(ReadFile, KeepsEveryByte) {
  const TestFolder folder;
  std::string content;
  for (int i = 0; i < 1'000'000; ++i) content += static_cast<char>(i * 7 + i / 256);
  ASSERT_TRUE(WriteFileAtomically(folder / "file", content).ok());
  EXPECT_TRUE(ReadFile(folder / "file").value() == content);
}

TEST(ReadFile, SaysWhatIsMissing) {
  const absl::Status status = ReadFile("/nowhere/file").status();
  EXPECT_EQ(status, absl::NotFoundError("cannot open: /nowhere/file: No such file or directory"));
}

TEST(ReadFile, RefusesAFolder) {
  const TestFolder folder;
  EXPECT_EQ(ReadFile(folder.path()).status().code(), absl::StatusCode::kInternal);
}

TEST(FileError, GivesEachErrorItsCode) {
  const auto code = [](int error_number) { return FileError(error_number, "what", "path").code(); };
  EXPECT_EQ(code(ENOENT), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(EACCES), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(EPERM), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(EROFS), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(EEXIST), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(code(ENOSPC), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code(EDQUOT), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code(EFBIG), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code(EIO), absl::StatusCode::kInternal);
}

TEST(FileError, AFullDiskSaysWhatToDo) {
  EXPECT_EQ(FileError(ENOSPC, "cannot write", "/f").message(),
            "cannot write: /f: No space left on device; free some space and try again");
}

}  // namespace
}  // namespace outerloop
