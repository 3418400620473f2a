#include "common/bounded_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "absl/synchronization/notification.h"

namespace outerloop {
namespace {

TEST(BoundedPool, RunsEveryJobBeforeItEnds) {
  std::atomic<int> runs = 0;
  {
    BoundedPool pool(/*threads=*/3, /*budget=*/4);
    for (int i = 0; i < 1000; ++i) pool.Submit(1, [&runs] { ++runs; });
  }
  EXPECT_EQ(runs, 1000);
}

TEST(BoundedPool, BeginsJobsInOrder) {
  std::vector<int> order;
  {
    BoundedPool pool(/*threads=*/1, /*budget=*/100);
    for (int i = 0; i < 100; ++i) pool.Submit(1, [&order, i] { order.push_back(i); });
  }
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(order.size(), 100u);
}

TEST(BoundedPool, KeepsTheCostsOfItsJobsWithinTheBudget) {
  std::atomic<int> held = 0;
  std::atomic<int> most = 0;
  {
    BoundedPool pool(/*threads=*/4, /*budget=*/5);
    for (int i = 0; i < 300; ++i) {
      const int cost = 1 + i % 3;
      pool.Submit(cost, [&held, &most, cost] {
        const int now = held += cost;
        int seen = most;
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        held -= cost;
      });
    }
  }
  EXPECT_LE(most, 5);
}

TEST(BoundedPool, RunsAJobThatCostsMoreThanTheBudget) {
  BoundedPool pool(/*threads=*/2, /*budget=*/5);
  absl::Notification done;
  pool.Submit(1, [] {});
  pool.Submit(100, [&done] { done.Notify(); });
  done.WaitForNotification();
}

// A job that is submitted while the budget is used up does not begin before one has ended.
TEST(BoundedPool, HoldsBackWhoeverSubmitsTooMuch) {
  BoundedPool pool(/*threads=*/2, /*budget=*/1);
  std::atomic<bool> ended = false;
  pool.Submit(1, [&ended] { ended = true; });
  pool.Submit(1, [&ended] { EXPECT_TRUE(ended); });
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace outerloop
