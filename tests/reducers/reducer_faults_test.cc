// What every kind of reducer makes of members that are killed or stopped: real processes, real
// signals.
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/test_folder.h"
#include "gtest/gtest.h"
#include "tests/reducers/meeting_point.h"
#include "tests/support/process.h"

namespace outerloop::tests {
namespace {

constexpr absl::Time kNever = absl::InfiniteFuture();
constexpr uint32_t kSize = 4;

bool IsLoss(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status);
}

// A group of four: three members here, and the last one in another process.
class ReducerFaultsTest : public testing::TestWithParam<v1::Reducer> {
 protected:
  ReducerFaultsTest() : members_(point_, GetParam(), /*generation=*/1, kSize, /*here=*/kSize - 1) {
    if (mkfifo(pipe().c_str(), 0600) != 0) ADD_FAILURE() << "cannot make " << pipe();
    process_ = std::make_unique<Process>(
        std::vector<std::string>{OUTERLOOP_REDUCER_MEMBER, point_.address(),
                                 v1::Reducer_Name(GetParam()), "1", absl::StrCat(kSize - 1),
                                 absl::StrCat(kSize), pipe()},
        folder_ / "errors");
    members_.endpoints().push_back(absl::HexStringToBytes(process_->AwaitLine("endpoint ")));
  }

  // Lets the other process connect, connects the members here, and takes the first round.
  void TakeFirstRound() {
    std::thread teller([this] {
      std::ofstream file(pipe());  // Blocks until the process opens it, too.
      for (const std::string& endpoint : members_.endpoints()) {
        file << absl::BytesToHexString(endpoint) << std::endl;
      }
    });
    members_.Connect();
    members_.ForEach([this](uint32_t rank) {
      std::vector<int64_t> words = {1};
      EXPECT_TRUE(members_[rank].AllReduce(words, kNever).ok());
      EXPECT_EQ(words[0], kSize);
    });
    teller.join();
    EXPECT_EQ(process_->AwaitLine("sum "), absl::StrCat(kSize));
  }

  // Runs `fault` while the members here, and the process, wait in a second round for rank 0. Then
  // they go on until they fail (a sum that was complete may still come). With what status.
  std::vector<absl::Status> ReduceUntil(const std::function<void()>& fault) {
    std::vector<absl::Status> results(members_.size());
    members_.ForEach([&](uint32_t rank) {
      std::vector<int64_t> words = {1};
      if (rank == 0) fault();
      while (results[rank].ok()) results[rank] = members_[rank].AllReduce(words, kNever);
    });
    return results;
  }

  std::string pipe() const { return folder_ / "endpoints"; }

  TestFolder folder_;
  MeetingPoint point_;
  Members members_;
  std::unique_ptr<Process> process_;
};

INSTANTIATE_TEST_SUITE_P(All, ReducerFaultsTest, testing::Values(v1::COORDINATOR, v1::GLOO),
                         [](const auto& info) { return v1::Reducer_Name(info.param); });

TEST_P(ReducerFaultsTest, EverySurvivorOfASigkillIsTold) {
  TakeFirstRound();
  for (const absl::Status& status : ReduceUntil([this] { process_->Kill(); })) {
    EXPECT_TRUE(IsLoss(status)) << status;
  }
}

TEST_P(ReducerFaultsTest, EverySurvivorOfASigkillInALongRoundIsTold) {
  TakeFirstRound();
  std::thread killer([this] { process_->Kill(); });
  members_.ForEach([this](uint32_t rank) {
    std::vector<int64_t> words(3'000'000);
    EXPECT_TRUE(IsLoss(members_[rank].AllReduce(words, kNever)));
  });
  killer.join();
}

TEST_P(ReducerFaultsTest, AnAbortEndsTheWaitForAStoppedProcess) {
  TakeFirstRound();
  const auto fault = [this] {
    process_->Signal(SIGSTOP);
    for (uint32_t rank = 0; rank < members_.size(); ++rank) members_[rank].Abort();
  };
  for (const absl::Status& status : ReduceUntil(fault)) {
    EXPECT_TRUE(IsLoss(status)) << status;
  }
}

TEST_P(ReducerFaultsTest, AnAbortOfOneMemberEndsTheOthersToo) {
  TakeFirstRound();
  for (const absl::Status& status : ReduceUntil([this] { members_[0].Abort(); })) {
    EXPECT_TRUE(IsLoss(status)) << status;
  }
  EXPECT_NE(process_->AwaitLine("ended "), "");
}

TEST_P(ReducerFaultsTest, AnAbortEndsTheWaitForAProcessThatWasKilledBeforeItConnected) {
  process_->Kill();
  std::thread aborter([this] {
    for (uint32_t rank = 0; rank < members_.size(); ++rank) members_[rank].Abort();
  });
  members_.ForEach([this](uint32_t rank) {
    absl::Status status = members_[rank].Connect(members_.endpoints(), kNever);
    std::vector<int64_t> words = {1};
    if (status.ok()) status = members_[rank].AllReduce(words, kNever);
    EXPECT_TRUE(IsLoss(status)) << status;
  });
  aborter.join();
}

TEST_P(ReducerFaultsTest, TheSurvivorsSumInTheNextGeneration) {
  TakeFirstRound();
  ReduceUntil([this] { process_->Kill(); });
  Members next(point_, GetParam(), /*generation=*/2, kSize - 1);
  next.Connect();
  next.ForEach([&next](uint32_t rank) {
    std::vector<int64_t> words = {1};
    EXPECT_TRUE(next[rank].AllReduce(words, kNever).ok());
    EXPECT_EQ(words[0], kSize - 1);
  });
}

}  // namespace
}  // namespace outerloop::tests
