#include "coordinator/sweeps/halving.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using ::testing::ElementsAre;
using Verdict = Halving::Verdict;

TEST(RungStepsTest, MultipliesUpToTheLast) {
  EXPECT_THAT(RungSteps(100, 3, 2700), ElementsAre(100, 300, 900, 2700));
  EXPECT_THAT(RungSteps(100, 3, 2000), ElementsAre(100, 300, 900, 2000));
  EXPECT_THAT(RungSteps(0, 2, 50), ElementsAre(50));
  EXPECT_THAT(RungSteps(50, 2, 50), ElementsAre(50));
  EXPECT_THAT(RungSteps(60, 2, 50), ElementsAre(50));
}

TEST(RungStepsTest, EndsForTheGreatestNumbers) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  const std::vector<uint64_t> steps = RungSteps(1, 10, kMost);
  EXPECT_EQ(steps.back(), kMost);
  EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
  EXPECT_EQ(steps.size(), 21u);
}

TEST(HalvingTest, LetsOneInSoManyGoOn) {
  const Halving halving(12, 3, 3);
  EXPECT_EQ(halving.Entrants(0), 12u);
  EXPECT_EQ(halving.Entrants(1), 4u);
  EXPECT_EQ(halving.Entrants(2), 1u);
}

TEST(HalvingTest, AlwaysLetsOneGoOn) {
  const Halving halving(2, 4, 3);
  EXPECT_EQ(halving.Entrants(3), 1u);
}

TEST(HalvingTest, DecidesAsSoonAsItIsCertain) {
  Halving halving(4, 2, 2);  // Two of four go on.
  halving.Report(0, 0, 0.5);
  halving.Report(1, 0, 0.9);
  EXPECT_EQ(halving.VerdictOn(1, 0), Verdict::kOpen);  // The two others may both be better.
  halving.Report(2, 0, 0.7);
  EXPECT_EQ(halving.VerdictOn(1, 0), Verdict::kPromoted);
  EXPECT_EQ(halving.VerdictOn(0, 0), Verdict::kStopped);
  EXPECT_EQ(halving.VerdictOn(2, 0), Verdict::kOpen);
  EXPECT_EQ(halving.VerdictOn(3, 0), Verdict::kOpen);
  halving.Report(3, 0, 0.7);  // As good, but later.
  EXPECT_EQ(halving.VerdictOn(2, 0), Verdict::kPromoted);
  EXPECT_EQ(halving.VerdictOn(3, 0), Verdict::kStopped);
}

TEST(HalvingTest, TakesATrialThatFailedForTheWorst) {
  Halving halving(2, 1, 2);
  halving.Report(0, 0, std::nan(""));
  EXPECT_EQ(halving.Best(), std::nullopt);
  halving.Report(1, 0, -1e30);
  EXPECT_EQ(halving.Best(), 1u);
}

TEST(HalvingTest, KeepsTheFirstScoreOfATrial) {
  Halving halving(2, 1, 2);
  halving.Report(0, 0, 0.9);
  halving.Report(0, 0, 0.1);
  halving.Report(1, 0, 0.5);
  EXPECT_EQ(halving.Best(), 0u);
}

// What successive halving does if it waits for every score of a rung: the trials by rung, best
// last.
std::vector<std::set<uint32_t>> Reference(const std::vector<std::vector<double>>& scores,
                                          const Halving& halving) {
  std::vector<uint32_t> in(scores.front().size());
  std::iota(in.begin(), in.end(), 0u);
  std::vector<std::set<uint32_t>> all;
  for (uint32_t rung = 0; rung < halving.rungs(); ++rung) {
    in.resize(halving.Entrants(rung));
    all.emplace_back(in.begin(), in.end());
    std::sort(in.begin(), in.end());
    std::stable_sort(in.begin(), in.end(), [&](uint32_t one, uint32_t other) {
      return scores[rung][one] > scores[rung][other];
    });
  }
  all.push_back({in.front()});
  return all;
}

// Any trial that may, in any order, gets its score; promoted ones come to the next rung.
class Race {
 public:
  Race(uint32_t trials, Halving& halving, const std::vector<std::vector<double>>& scores)
      : halving_(halving), scores_(scores), in_(halving.rungs()) {
    for (uint32_t trial = 0; trial < trials; ++trial) Enter(trial, 0);
  }

  void Finish(std::mt19937& random) {
    while (!ready_.empty()) {
      std::swap(ready_[random() % ready_.size()], ready_.back());
      const auto [trial, rung] = ready_.back();
      ready_.pop_back();
      halving_.Report(trial, rung, scores_[rung][trial]);
      PromoteOn(rung);
    }
  }
  const std::vector<std::set<uint32_t>>& in() const { return in_; }

 private:
  void Enter(uint32_t trial, uint32_t rung) {
    if (in_[rung].insert(trial).second) ready_.push_back({trial, rung});
  }
  void PromoteOn(uint32_t rung) {
    for (const uint32_t trial : in_[rung]) {
      if (halving_.VerdictOn(trial, rung) == Verdict::kPromoted) Enter(trial, rung + 1);
    }
  }

  Halving& halving_;
  const std::vector<std::vector<double>>& scores_;
  std::vector<std::set<uint32_t>> in_;  // By rung.
  std::vector<std::pair<uint32_t, uint32_t>> ready_;
};

TEST(HalvingTest, ChoosesTheSameInWhateverOrderScoresCome) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    const uint32_t trials = 1 + random() % 20, rungs = 1 + random() % 4;
    const uint32_t reduction = 2 + random() % 3;
    std::vector<std::vector<double>> scores(rungs, std::vector<double>(trials));
    for (auto& rung : scores) {
      for (double& score : rung) score = random() % 8;  // Many are equal.
    }
    Halving halving(trials, rungs, reduction);
    Race race(trials, halving, scores);
    race.Finish(random);
    std::vector<std::set<uint32_t>> chosen = race.in();
    ASSERT_TRUE(halving.Best().has_value());
    chosen.push_back({*halving.Best()});
    EXPECT_EQ(chosen, Reference(scores, halving));
  }
}

}  // namespace
}  // namespace outerloop::coordinator
