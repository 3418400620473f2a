// The real NCCL, as far as the GPUs of this machine go.
#include <cuda_runtime.h>

#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/reducers/nccl_reducer.h"

namespace outerloop::worker {
namespace {

// Far beyond what any of this takes.
absl::Time Later() { return absl::Now() + absl::Seconds(60); }

int GpuCount() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}

std::unique_ptr<NcclReducer> MakeRank(int rank, int size) {
  NcclOptions options;
  options.rank = rank;
  options.size = size;
  options.close_timeout = absl::Seconds(60);
  options.give_up = [](const std::string& reason) { ADD_FAILURE() << reason; };
  return std::make_unique<NcclReducer>(MakeNcclApi(/*device=*/rank), options);
}

class NcclRealApiTest : public testing::Test {
 protected:
  void NeedGpus(int count) {
    if (GpuCount() < count) {
      GTEST_SKIP() << "needs " << count << " NVIDIA GPUs; this machine has " << GpuCount();
    }
  }
};

TEST_F(NcclRealApiTest, SumsOfOneMemberAreItsOwnWords) {
  NeedGpus(1);
  if (IsSkipped()) return;
  const auto reducer = MakeRank(0, 1);
  const std::vector<std::string> endpoints = {reducer->endpoint()};
  ASSERT_TRUE(reducer->Connect(endpoints, Later()).ok());
  for (const int length : {1, 1'000'000, 1000}) {
    std::vector<int64_t> words(length);
    std::iota(words.begin(), words.end(), int64_t{-5});
    const std::vector<int64_t> expected = words;
    const absl::Status status = reducer->AllReduce(words, Later());
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(words, expected);
  }
}

TEST_F(NcclRealApiTest, ConnectEndsAtItsDeadlineOrByAbortWhenAMemberNeverComes) {
  NeedGpus(1);
  if (IsSkipped()) return;
  {
    const auto reducer = MakeRank(0, 2);
    const std::vector<std::string> endpoints = {reducer->endpoint(), ""};
    EXPECT_EQ(reducer->Connect(endpoints, absl::Now() + absl::Seconds(1)).code(),
              absl::StatusCode::kDeadlineExceeded);
  }  // Ends without giving up.
  const auto reducer = MakeRank(0, 2);
  const std::vector<std::string> endpoints = {reducer->endpoint(), ""};
  std::thread other([&] { reducer->Abort(); });
  EXPECT_EQ(reducer->Connect(endpoints, Later()).code(), absl::StatusCode::kAborted);
  other.join();
}

TEST_F(NcclRealApiTest, TwoMembersSumAndSurviveEachOther) {
  NeedGpus(2);
  if (IsSkipped()) return;
  for (int generation = 0; generation < 2; ++generation) {
    std::unique_ptr<NcclReducer> reducers[] = {MakeRank(0, 2), MakeRank(1, 2)};
    const std::vector<std::string> endpoints = {reducers[0]->endpoint(), ""};
    const auto sum = [&](int rank) {
      ASSERT_TRUE(reducers[rank]->Connect(endpoints, Later()).ok());
      std::vector<int64_t> words = {1, int64_t{1} << 50, -rank};
      ASSERT_TRUE(reducers[rank]->AllReduce(words, Later()).ok());
      EXPECT_THAT(words, testing::ElementsAre(2, int64_t{1} << 51, -1));
    };
    std::thread other(sum, 1);
    sum(0);
    other.join();
    // Rank 1 gives nothing to the next sum. Ranks of one process end together, as NCCL wants it.
    std::vector<int64_t> words(3);
    EXPECT_EQ(reducers[0]->AllReduce(words, absl::Now() + absl::Seconds(1)).code(),
              absl::StatusCode::kDeadlineExceeded);
    reducers[1]->Abort();
  }
}

}  // namespace
}  // namespace outerloop::worker
