#include "coordinator/core/allocation.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

// One kind of workers.
Demand Waiting(const std::string& owner, uint32_t min, uint32_t max, int32_t priority = 0) {
  return {owner, priority, min, max, {0}, {{0}}};
}
Demand Running(Demand demand, uint32_t has) {
  demand.has = {has};
  return demand;
}

std::vector<uint32_t> Totals(const std::vector<Share>& shares) {
  std::vector<uint32_t> totals;
  for (const Share& share : shares) totals.push_back(Total(share.workers));
  return totals;
}
std::vector<uint32_t> Totals(const std::vector<Demand>& demands, uint32_t workers,
                             uint32_t quota = kNoQuota) {
  return Totals(Allocate(demands, {workers}, quota));
}

using Shares = std::vector<uint32_t>;

TEST(AllocationTest, GivesEveryMinimumBeforeAnybodyGetsMore) {
  const std::vector<Demand> demands = {Waiting("a", 1, 9), Waiting("a", 2, 9), Waiting("a", 1, 9)};
  EXPECT_EQ(Totals(demands, 4), (Shares{1, 2, 1}));
  EXPECT_EQ(Totals(demands, 3), (Shares{1, 2, 0}));
  EXPECT_EQ(Totals(demands, 2), (Shares{1, 0, 1})) << "the second waits for two";
  EXPECT_EQ(Totals(demands, 7), (Shares{3, 2, 2}));
}

TEST(AllocationTest, LetsHigherPrioritiesGoFirst) {
  const std::vector<Demand> demands = {Waiting("a", 1, 9, -1), Waiting("a", 1, 2, 5),
                                       Waiting("b", 1, 1)};
  EXPECT_EQ(Totals(demands, 1), (Shares{0, 1, 0}));
  EXPECT_EQ(Totals(demands, 2), (Shares{0, 1, 1}));
  EXPECT_EQ(Totals(demands, 5), (Shares{2, 2, 1}));
}

TEST(AllocationTest, TakesWorkersFromALowerPriorityButNotFromAnEqual) {
  const Demand runs = Running(Waiting("a", 2, 9), 3);
  EXPECT_EQ(Totals({runs, Waiting("b", 1, 1, 1)}, 3), (Shares{2, 1}));
  EXPECT_EQ(Totals({runs, Waiting("b", 2, 2, 1)}, 3), (Shares{0, 2}));
  EXPECT_EQ(Totals({runs, Waiting("b", 1, 1)}, 3), (Shares{2, 1})) << "a worker to spare";
  EXPECT_EQ(Totals({runs, Waiting("b", 2, 2)}, 3), (Shares{3, 0}));
}

TEST(AllocationTest, InterruptsNobodyToMakeSharesEqual) {
  EXPECT_EQ(Totals({Running(Waiting("a", 1, 9), 4), Running(Waiting("b", 1, 9), 1)}, 5),
            (Shares{4, 1}));
  EXPECT_EQ(Totals({Running(Waiting("a", 1, 9), 4), Running(Waiting("b", 1, 9), 1)}, 6),
            (Shares{4, 2}));
}

TEST(AllocationTest, TurnsToTheOwnerWithTheFewestWorkers) {
  EXPECT_EQ(Totals({Waiting("a", 1, 1), Waiting("a", 1, 1), Waiting("b", 1, 1)}, 2),
            (Shares{1, 0, 1}));
  EXPECT_EQ(Totals({Waiting("a", 1, 9), Waiting("a", 1, 9), Waiting("b", 1, 9)}, 6),
            (Shares{2, 1, 3}));
}

TEST(AllocationTest, KeepsOwnersWithinTheQuota) {
  const std::vector<Demand> demands = {Waiting("a", 1, 9), Waiting("a", 2, 2), Waiting("b", 3, 3)};
  const std::vector<Share> shares = Allocate(demands, {9}, /*quota=*/2);
  EXPECT_EQ(Totals(shares), (Shares{2, 0, 0}));
  EXPECT_EQ(shares[0].want, Share::Want::kNothing);
  EXPECT_EQ(shares[1].want, Share::Want::kQuota);
  EXPECT_EQ(shares[2].want, Share::Want::kQuota);
  EXPECT_EQ(Totals({Running(Waiting("a", 1, 9), 5)}, 5, 3), (Shares{3})) << "it was higher once";
}

TEST(AllocationTest, MixesOnlyWorkersThatCanWorkTogether) {
  Demand either = {"a", 0, 2, 9, {0, 0, 0}, {{0}, {1, 2}}};
  EXPECT_EQ(Allocate(std::vector{either}, {1, 1, 1})[0].workers, (Headcount{0, 1, 1}));
  EXPECT_EQ(Allocate(std::vector{either}, {3, 1, 1})[0].workers, (Headcount{3, 0, 0}));
  EXPECT_EQ(Allocate(std::vector{either}, {1, 1, 0})[0].want, Share::Want::kWorkers);
}

TEST(AllocationTest, LeavesADemandTheWorkersThatItHas) {
  Demand runs = {"a", 0, 1, 1, {0, 1}, {{0, 1}}};
  EXPECT_EQ(Allocate(std::vector{runs}, {1, 1})[0].workers, (Headcount{0, 1}));
}

// ---- Random queues

constexpr size_t kKinds = 3;

struct Queue {
  std::vector<Demand> demands;
  Headcount workers;
  uint32_t quota = kNoQuota;
};

uint32_t TotalOf(const Headcount& workers, const std::vector<size_t>& kinds) {
  uint32_t total = 0;
  for (const size_t kind : kinds) total += workers[kind];
  return total;
}

// Lets the demand have its share.
void LetRun(Demand& demand, const Share& share) {
  demand.has = share.workers;
  std::erase_if(demand.choices, [&](const std::vector<size_t>& choice) {
    return TotalOf(share.workers, choice) != Total(share.workers);
  });
}

class AllocationPropertyTest : public testing::TestWithParam<uint32_t> {
 protected:
  uint32_t Between(uint32_t low, uint32_t high) {
    return std::uniform_int_distribution<uint32_t>(low, high)(random_);
  }

  Demand MakeDemand() {
    Demand demand;
    demand.owner = std::string(1, static_cast<char>('a' + Between(0, 3)));
    demand.priority = static_cast<int32_t>(Between(0, 2)) - 1;
    demand.min = Between(1, 3);
    demand.max = demand.min + Between(0, 4);
    demand.has.resize(kKinds);
    if (Between(0, 1) == 0) {
      demand.choices = {{0, 1}, {2}};
    } else {
      demand.choices = {{Between(0, kKinds - 1)}};
    }
    return demand;
  }

  // What runs has what an allocation of an earlier queue gave it.
  Queue MakeQueue() {
    Queue queue;
    for (size_t kind = 0; kind < kKinds; ++kind) queue.workers.push_back(Between(0, 6));
    for (uint32_t i = Between(1, 8); i > 0; --i) queue.demands.push_back(MakeDemand());
    if (Between(0, 2) == 0) queue.quota = Between(1, 8);
    const std::vector<Share> before = Allocate(queue.demands, queue.workers, queue.quota);
    for (size_t i = 0; i < before.size(); ++i) {
      if (Between(0, 1) == 0) LetRun(queue.demands[i], before[i]);
    }
    for (uint32_t i = Between(0, 4); i > 0; --i) queue.demands.push_back(MakeDemand());
    return queue;
  }

  std::mt19937 random_{GetParam()};
};

// What nobody gets.
Headcount Left(const Queue& queue, const std::vector<Share>& shares) {
  Headcount left = queue.workers;
  for (const Share& share : shares) {
    for (size_t kind = 0; kind < kKinds; ++kind) left[kind] -= share.workers[kind];
  }
  return left;
}

std::map<std::string, uint32_t> ByOwner(const Queue& queue, const std::vector<Share>& shares) {
  std::map<std::string, uint32_t> totals;
  for (size_t i = 0; i < shares.size(); ++i) {
    totals[queue.demands[i].owner] += Total(shares[i].workers);
  }
  return totals;
}

TEST_P(AllocationPropertyTest, EveryShareIsNothingOrFromTheMinimumToTheMaximum) {
  const Queue queue = MakeQueue();
  const std::vector<Share> shares = Allocate(queue.demands, queue.workers, queue.quota);
  for (size_t i = 0; i < shares.size(); ++i) {
    const Demand& demand = queue.demands[i];
    const uint32_t total = Total(shares[i].workers);
    EXPECT_LE(total, demand.max);
    EXPECT_TRUE(total == 0 || total >= demand.min);
    EXPECT_EQ(total == 0, shares[i].want != Share::Want::kNothing);
    EXPECT_TRUE(std::any_of(demand.choices.begin(), demand.choices.end(), [&](const auto& choice) {
      return TotalOf(shares[i].workers, choice) == total;
    }));
  }
  const Headcount left = Left(queue, shares);
  for (size_t kind = 0; kind < kKinds; ++kind) EXPECT_LE(left[kind], queue.workers[kind]);
  for (const auto& [owner, total] : ByOwner(queue, shares)) EXPECT_LE(total, queue.quota);
}

// Of those that are free, and of lower priorities or to spare.
TEST_P(AllocationPropertyTest, NobodyWaitsForWorkersThatALowerPriorityHasOrThatAreToSpare) {
  const Queue queue = MakeQueue();
  const std::vector<Share> shares = Allocate(queue.demands, queue.workers, queue.quota);
  for (size_t i = 0; i < shares.size(); ++i) {
    if (shares[i].want != Share::Want::kWorkers) continue;
    for (const std::vector<size_t>& choice : queue.demands[i].choices) {
      uint32_t reachable = TotalOf(Left(queue, shares), choice);
      for (size_t j = 0; j < shares.size(); ++j) {
        if (queue.demands[j].priority >= queue.demands[i].priority) continue;
        reachable += TotalOf(shares[j].workers, choice);
      }
      EXPECT_LT(reachable, queue.demands[i].min) << "demand " << i;
    }
  }
}

TEST_P(AllocationPropertyTest, SharesThatStandAreLeftAlone) {
  Queue queue = MakeQueue();
  const std::vector<Share> shares = Allocate(queue.demands, queue.workers, queue.quota);
  for (size_t i = 0; i < shares.size(); ++i) LetRun(queue.demands[i], shares[i]);
  const std::vector<Share> again = Allocate(queue.demands, queue.workers, queue.quota);
  for (size_t i = 0; i < shares.size(); ++i) {
    EXPECT_EQ(again[i].workers, shares[i].workers) << "demand " << i;
  }
}

// Whoever has less than he had makes room for a minimum that was not met before.
TEST_P(AllocationPropertyTest, NobodyGivesBackWorkersButForAMinimum) {
  const Queue queue = MakeQueue();
  const std::vector<Share> shares = Allocate(queue.demands, queue.workers, queue.quota);
  bool given_back = false, starts = false;
  for (size_t i = 0; i < shares.size(); ++i) {
    const uint32_t had = Total(queue.demands[i].has), has = Total(shares[i].workers);
    given_back = given_back || has < had;
    starts = starts || (had == 0 && has > 0);
  }
  EXPECT_TRUE(!given_back || starts);
}

// From scratch, where every demand is for one worker at a time and any will do, no owner is two
// ahead of another that could do with more.
TEST_P(AllocationPropertyTest, SharesOfOwnersDifferByOneAtMostWhereDemandAllows) {
  Queue queue = MakeQueue();
  for (Demand& demand : queue.demands) {
    demand.priority = 0;
    demand.max -= demand.min - 1;
    demand.min = 1;
    demand.has = {0, 0, 0};
    demand.choices = {{0, 1, 2}};
  }
  const std::vector<Share> shares = Allocate(queue.demands, queue.workers, queue.quota);
  const std::map<std::string, uint32_t> totals = ByOwner(queue, shares);
  for (size_t i = 0; i < shares.size(); ++i) {
    const Demand& poor = queue.demands[i];
    if (Total(shares[i].workers) == poor.max) continue;
    for (size_t j = 0; j < shares.size(); ++j) {
      // A minimum comes before what others have beyond theirs.
      const bool minimum_first = Total(shares[j].workers) <= 1 && Total(shares[i].workers) > 0;
      if (minimum_first) continue;
      EXPECT_LE(totals.at(queue.demands[j].owner), totals.at(poor.owner) + 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, AllocationPropertyTest, testing::Range(0u, 500u));

}  // namespace
}  // namespace outerloop::coordinator
