#include "coordinator/store/data_folder.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::HasSubstr;

// A process that holds the lock of `path` from when the constructor returns until Kill.
class Owner {
 public:
  explicit Owner(const std::string& path) {
    std::array<int, 2> pipe_fds{};
    if (pipe(pipe_fds.data()) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) Hold(path, pipe_fds[1]);
    close(pipe_fds[1]);
    locked_ = read(pipe_fds[0], &locked_, 1) == 1;
    close(pipe_fds[0]);
  }
  ~Owner() { Kill(); }

  bool locked() const { return locked_; }
  pid_t pid() const { return pid_; }

  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  [[noreturn]] static void Hold(const std::string& path, int acknowledge_fd) {
    const auto folder = DataFolder::Lock(path);
    if (!folder.ok() || write(acknowledge_fd, "x", 1) != 1) _exit(1);
    while (true) pause();
  }

  pid_t pid_ = -1;
  bool locked_ = false;
};

TEST(DataFolderTest, MakesTheFolderAndSaysWhereThingsLie) {
  const TestFolder temporary;
  const std::string path = temporary / "a/b";
  const auto folder = DataFolder::Lock(path);
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_TRUE(std::filesystem::is_directory(path));
  EXPECT_EQ((*folder)->database_path(), path + "/outerloop.db");
  EXPECT_EQ((*folder)->blob_folder(), path + "/blobs");
}

TEST(DataFolderTest, NamesTheProcessThatHoldsTheFolder) {
  const TestFolder temporary;
  const Owner owner(temporary.path());
  ASSERT_TRUE(owner.locked());
  const absl::Status status = DataFolder::Lock(temporary.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr(temporary.path()));
  EXPECT_THAT(status.message(), HasSubstr("process id " + std::to_string(owner.pid()) + ";"));
}

TEST(DataFolderTest, AKilledOwnerLeavesNoLock) {
  const TestFolder temporary;
  Owner owner(temporary.path());
  ASSERT_TRUE(owner.locked());
  owner.Kill();
  const auto folder = DataFolder::Lock(temporary.path());
  EXPECT_TRUE(folder.ok()) << folder.status();
}

TEST(DataFolderTest, GivesTheFolderUpWhenDestroyed) {
  const TestFolder temporary;
  auto folder = DataFolder::Lock(temporary.path());
  ASSERT_TRUE(folder.ok());
  EXPECT_FALSE(DataFolder::Lock(temporary.path()).ok());
  folder->reset();
  EXPECT_TRUE(DataFolder::Lock(temporary.path()).ok());
}

TEST(DataFolderTest, RefusesAPathThatIsAFile) {
  const TestFolder temporary;
  std::ofstream(temporary / "file") << "x";
  const absl::Status status = DataFolder::Lock(temporary / "file").status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr(temporary / "file"));
}

}  // namespace
}  // namespace outerloop::coordinator
