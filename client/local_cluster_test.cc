#include "client/local_cluster.h"

#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/testing/fake_coordinator.h"
#include "common/atomic_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Shell scripts in place of the servers; a real health service in place of the coordinator's.
class LocalClusterTest : public testing::Test {
 protected:
  LocalClusterTest() {
    std::filesystem::remove_all(folder_);
    options_.bin_dir = folder_;
    options_.data_dir = "/data";
    options_.listen = "localhost:0";
    options_.restart_backoff = {.initial = absl::Milliseconds(1), .maximum = absl::Milliseconds(2)};
    WriteScript("outerloop-worker", Server("worker", ""));
    WriteScript("outerloop-coordinator",
                Server("coordinator", absl::StrCat("echo listening on ", address_,
                                                   "; echo metrics on localhost:5")));
  }

  // Notes its flags, does `first`, and lives until SIGTERM, which it notes too.
  std::string Server(const std::string& name, const std::string& first) {
    return absl::StrCat("#!/bin/sh\ntrap 'echo ", name, " ended >> ", folder_,
                        "/notes; exit 0' TERM\necho ", name, " \"$@\" >> ", folder_, "/notes\n",
                        first, "\nwhile :; do sleep 1; done\n");
  }

  void WriteScript(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    ASSERT_TRUE(WriteFileAtomically(path, text).ok());
    ASSERT_EQ(chmod(path.c_str(), 0755), 0);
  }

  std::vector<std::string> Notes() {
    return absl::StrSplit(ReadFile(folder_ + "/notes").value_or(""), '\n', absl::SkipEmpty());
  }

  // Until a child has written its note; expiry shows in the expectation that follows.
  void AwaitNotes(size_t count) {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (Notes().size() < count && absl::Now() < deadline) std::this_thread::yield();
  }

  const std::string folder_ = testing::TempDir() + "local_cluster_test-" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
  LocalClusterOptions options_;
  FakeCoordinator fake_;
  const std::string address_ = fake_.address();
  std::stop_source stop_;
};

TEST_F(LocalClusterTest, StartsTheCoordinatorThenWorkersAndStopsThemInReverse) {
  auto cluster = LocalCluster::Start(options_, stop_.get_token());
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_EQ((*cluster)->address(), address_);
  EXPECT_EQ((*cluster)->metrics_address(), "localhost:5");
  AwaitNotes(2);
  stop_.request_stop();
  EXPECT_TRUE((*cluster)->Wait(stop_.get_token()).ok());
  (*cluster)->Stop();
  EXPECT_THAT(
      Notes(),
      ElementsAre("coordinator --listen localhost:0 --metrics-port 9464 --data-dir /data",
                  absl::StrCat("worker --name worker-1 --coordinator ", address_,
                               " --metrics-port 0 --cache-dir /data/worker-cache/1 --device auto "
                               "--threads 1"),
                  "worker ended", "coordinator ended"));
}

TEST_F(LocalClusterTest, StartsACoordinatorThatDiedAgainAtTheSameAddress) {
  WriteScript(
      "outerloop-coordinator",
      absl::StrCat("#!/bin/sh\necho coordinator \"$@\" >> ", folder_, "/notes\necho listening on ",
                   address_, "\necho metrics on localhost:5\n[ $(wc -l < ", folder_,
                   "/notes) -gt 1 ] && exec sleep 1000\n"));
  options_.workers = 0;
  auto cluster = LocalCluster::Start(options_, stop_.get_token());
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  AwaitNotes(2);
  EXPECT_THAT(Notes().back(), HasSubstr(absl::StrCat("--listen ", address_, " --metrics-port 5 ")));
}

TEST_F(LocalClusterTest, SaysWhyTheCoordinatorGaveUp) {
  for (const auto& [script, why] : {std::pair("exit 1", "ended 5 times before it was ready"),
                                    std::pair("exit 2", "cannot work with its configuration")}) {
    WriteScript("outerloop-coordinator", absl::StrCat("#!/bin/sh\n", script, "\n"));
    const auto cluster = LocalCluster::Start(options_, stop_.get_token());
    EXPECT_EQ(cluster.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(cluster.status().message()), HasSubstr(why));
  }
}

TEST_F(LocalClusterTest, SaysWhenAWorkerGaveUp) {
  WriteScript("outerloop-worker", "#!/bin/sh\nexit 2\n");
  auto cluster = LocalCluster::Start(options_, stop_.get_token());
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const absl::Status status = (*cluster)->Wait(stop_.get_token());
  EXPECT_EQ(std::string(status.message()),
            "worker-1 cannot work with its configuration (exit code 2)");
}

TEST_F(LocalClusterTest, DoesNotTakeASilentCoordinatorForOneThatServes) {
  WriteScript("outerloop-coordinator", "#!/bin/sh\nexec sleep 1000\n");
  options_.start_timeout = absl::Milliseconds(50);
  EXPECT_EQ(LocalCluster::Start(options_, stop_.get_token()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(LocalClusterTest, WaitsUntilTheCoordinatorServes) {
  fake_.SetServing(false);
  options_.start_timeout = absl::Milliseconds(300);
  EXPECT_EQ(LocalCluster::Start(options_, stop_.get_token()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(LocalClusterTest, CanBeStoppedWhileItStarts) {
  WriteScript("outerloop-coordinator", "#!/bin/sh\nexec sleep 1000\n");
  stop_.request_stop();
  EXPECT_EQ(LocalCluster::Start(options_, stop_.get_token()).status().code(),
            absl::StatusCode::kCancelled);
}

TEST_F(LocalClusterTest, SaysWhichProgramIsMissing) {
  std::filesystem::remove(folder_ + "/outerloop-worker");
  const auto cluster = LocalCluster::Start(options_, stop_.get_token());
  EXPECT_EQ(cluster.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(cluster.status().message()), HasSubstr("outerloop-worker"));
}

TEST(ConnectAddressTest, TurnsAllInterfacesIntoLocalhost) {
  EXPECT_EQ(ConnectAddress("0.0.0.0:7070"), "localhost:7070");
  EXPECT_EQ(ConnectAddress("[::]:7070"), "localhost:7070");
  EXPECT_EQ(ConnectAddress(":7070"), "localhost:7070");
  EXPECT_EQ(ConnectAddress("10.0.0.1:7070"), "10.0.0.1:7070");
}

}  // namespace
}  // namespace outerloop::client
