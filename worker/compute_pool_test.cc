#include "worker/compute_pool.h"

#include <atomic>
#include <vector>

#include "absl/synchronization/barrier.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

TEST(ComputePoolTest, CallsEachNumberOnce) {
  ComputePool pool(3);
  for (size_t count : {0, 1, 2, 3, 50}) {
    std::vector<std::atomic<int>> calls(count);
    pool.ForEach(count, [&calls](size_t i) { ++calls[i]; });
    for (const std::atomic<int>& number : calls) EXPECT_EQ(number, 1);
  }
}

TEST(ComputePoolTest, PreparesEveryThread) {
  std::atomic<int> prepared = 0;
  {
    ComputePool pool(4, [&prepared] { ++prepared; });
  }
  EXPECT_EQ(prepared, 4);
}

TEST(ComputePoolTest, SaysWhenACallHasReturned) {
  std::atomic<int> done = 0;
  ComputePool pool(
      2, [] {}, [&done] { ++done; });
  pool.ForEach(5, [](size_t) {});
  EXPECT_EQ(done, 5);
}

TEST(ComputePoolTest, WorksOnAllItsThreadsAtATime) {
  ComputePool pool(3);
  absl::Barrier all_here(3);  // Passed only when three calls run side by side.
  pool.ForEach(3, [&all_here](size_t) { all_here.Block(); });
}

}  // namespace
}  // namespace outerloop::worker
