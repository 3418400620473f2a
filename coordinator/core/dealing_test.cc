#include "coordinator/core/dealing.h"

#include <algorithm>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// When the last member has finished.
double Makespan(const std::vector<std::vector<uint32_t>>& dealt, std::span<const Pace> members) {
  double latest = 0;
  for (size_t rank = 0; rank < members.size(); ++rank) {
    latest = std::max(latest, members[rank].Finish(static_cast<uint32_t>(dealt[rank].size())));
  }
  return latest;
}

// The least possible, by trying how many shards each member could have.
double BestMakespan(uint32_t shards, std::span<const Pace> members) {
  if (members.size() == 1) return members[0].Finish(shards);
  double best = std::numeric_limits<double>::infinity();
  for (uint32_t first = 0; first <= shards; ++first) {
    best = std::min(
        best, std::max(members[0].Finish(first), BestMakespan(shards - first, members.subspan(1))));
  }
  return best;
}

TEST(Deal, GivesMembersOfEqualPaceShardsInTurn) {
  for (const uint32_t lanes : {1u, 2u, 5u}) {
    const std::vector<Pace> members(3, Pace{lanes, 0.25});
    EXPECT_THAT(Deal(8, members),
                ElementsAre(ElementsAre(0, 3, 6), ElementsAre(1, 4, 7), ElementsAre(2, 5)))
        << lanes << " lanes";
  }
}

TEST(Deal, GivesASlowMemberFewerAndAVerySlowOneNone) {
  const std::vector<Pace> members = {{1, 1.0}, {1, 3.0}, {1, 100.0}};
  EXPECT_THAT(Deal(4, members), ElementsAre(ElementsAre(0, 1, 3), ElementsAre(2), IsEmpty()));
}

TEST(Deal, CountsShardsThatRunSideBySideOnce) {
  const std::vector<Pace> members = {{4, 1.0}, {1, 1.0}};
  EXPECT_THAT(Deal(5, members), ElementsAre(ElementsAre(0, 2, 3, 4), ElementsAre(1)));
}

TEST(Deal, GivesEveryShardToOneMember) {
  const std::vector<Pace> members = {{2, 0.7}, {1, 0.4}, {3, 2.1}, {1, 0.4}};
  std::vector<uint32_t> all;
  for (const auto& some : Deal(1000, members)) {
    EXPECT_TRUE(std::is_sorted(some.begin(), some.end()));
    all.insert(all.end(), some.begin(), some.end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), 1000u);
  for (uint32_t shard = 0; shard < 1000; ++shard) ASSERT_EQ(all[shard], shard);
}

TEST(Deal, IsAsQuickAsAnyOtherWayToDeal) {
  const std::vector<std::vector<Pace>> groups = {{{1, 1.0}, {1, 1.4}, {1, 2.3}},
                                                 {{2, 1.0}, {1, 0.6}, {3, 1.7}},
                                                 {{1, 0.1}, {8, 3.0}, {2, 0.5}}};
  for (const std::vector<Pace>& members : groups) {
    for (uint32_t shards = 1; shards <= 20; ++shards) {
      EXPECT_DOUBLE_EQ(Makespan(Deal(shards, members), members), BestMakespan(shards, members));
    }
  }
}

TEST(Deal, GivesNobodyAnythingWhereThereIsNothing) {
  EXPECT_THAT(Deal(0, std::vector<Pace>(2)), ElementsAre(IsEmpty(), IsEmpty()));
  EXPECT_THAT(Deal(3, {}), IsEmpty());
}

}  // namespace
}  // namespace outerloop::coordinator
