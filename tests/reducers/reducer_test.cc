// What goes for every kind of reducer.
#include "worker/reducers/reducer.h"

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/reducers/meeting_point.h"

namespace outerloop::tests {
namespace {

constexpr absl::Time kNever = absl::InfiniteFuture();

// Whether `status` says that the group is no more: some kinds learn of a lost peer from the
// coordinator, who ends the generation.
bool IsLoss(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status);
}

// A member's words of a round: any bits, the same whenever they are asked for.
std::vector<int64_t> Words(uint32_t rank, uint64_t round, size_t length) {
  std::mt19937_64 random(rank * 1'000'003 + round);
  std::vector<int64_t> words(length);
  for (int64_t& word : words) word = static_cast<int64_t>(random());
  return words;
}

// The sum over all members, modulo 2^64.
std::vector<int64_t> SumOfWords(uint32_t size, uint64_t round, size_t length) {
  std::vector<uint64_t> sum(length);
  for (uint32_t rank = 0; rank < size; ++rank) {
    const std::vector<int64_t> words = Words(rank, round, length);
    for (size_t i = 0; i < length; ++i) sum[i] += static_cast<uint64_t>(words[i]);
  }
  return {sum.begin(), sum.end()};
}

class ReducerTest : public testing::TestWithParam<v1::Reducer> {
 protected:
  Members Make(uint64_t generation, uint32_t size) {
    return Members(point_, GetParam(), generation, size);
  }
  Members MakeConnected(uint64_t generation, uint32_t size) {
    Members members = Make(generation, size);
    members.Connect();
    return members;
  }
  static void ExpectSums(Members& members, uint64_t round, size_t length) {
    const std::vector<int64_t> expected = SumOfWords(members.size(), round, length);
    members.ForEach([&](uint32_t rank) {
      std::vector<int64_t> words = Words(rank, round, length);
      const absl::Status status = members[rank].AllReduce(words, kNever);
      ASSERT_TRUE(status.ok()) << status;
      EXPECT_TRUE(words == expected)
          << "rank " << rank << " of " << members.size() << ", " << length << " words";
    });
  }

  MeetingPoint point_;
};

INSTANTIATE_TEST_SUITE_P(All, ReducerTest, testing::Values(v1::COORDINATOR, v1::GLOO),
                         [](const auto& info) { return v1::Reducer_Name(info.param); });

// ---- Sums

TEST_P(ReducerTest, SumsAnyWordsOfAnyNumberForAnyNumberOfMembers) {
  for (uint32_t size = 1; size <= 8; ++size) {
    Members members = MakeConnected(size, size);
    uint64_t round = 0;
    for (const size_t length : {0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000, 4099}) {
      ExpectSums(members, ++round, length);
    }
  }
}

TEST_P(ReducerTest, SumsBuffersOfManyMegabytes) {
  Members members = MakeConnected(1, 3);
  ExpectSums(members, 1, 1'000'003);
}

TEST_P(ReducerTest, KeepsTheOrderOfRounds) {
  constexpr uint64_t kRounds = 100;
  Members members = MakeConnected(1, 4);
  members.ForEach([&](uint32_t rank) {
    for (uint64_t round = 0; round < kRounds; ++round) {
      if ((round + rank) % 3 == 0) std::this_thread::yield();
      std::vector<int64_t> words = Words(rank, round, 1 + round % 5);
      ASSERT_TRUE(members[rank].AllReduce(words, kNever).ok());
      ASSERT_EQ(words, SumOfWords(4, round, 1 + round % 5)) << "round " << round;
    }
  });
}

TEST_P(ReducerTest, NeverAddsBuffersOfDifferentLengths) {
  for (const size_t other : {0, 1, 7, 9, 16, 100'000}) {
    Members members = MakeConnected(other + 1, 2);
    members.ForEach([&](uint32_t rank) {
      std::vector<int64_t> words(rank == 0 ? 8 : other);
      const absl::Status status =
          members[rank].AllReduce(words, absl::Now() + absl::Milliseconds(50));
      EXPECT_TRUE(!status.ok() || words.empty()) << other;
    });
  }
}

// ---- Aborts

TEST_P(ReducerTest, FailsOnceAbortedBeforeItIsConnected) {
  Members members = Make(1, 2);
  members[0].Abort();
  std::vector<int64_t> words = {1};
  EXPECT_TRUE(members[0].Connect(members.endpoints(), kNever).ok() ||
              absl::IsAborted(members[0].Connect(members.endpoints(), kNever)));
  EXPECT_TRUE(absl::IsAborted(members[0].AllReduce(words, kNever)));
}

TEST_P(ReducerTest, FailsOnceAbortedBetweenTwoRounds) {
  Members members = MakeConnected(1, 2);
  ExpectSums(members, 1, 10);
  members[0].Abort();
  members[0].Abort();
  std::vector<int64_t> words = {1};
  EXPECT_TRUE(absl::IsAborted(members[0].AllReduce(words, kNever)));
  EXPECT_TRUE(absl::IsAborted(members[0].AllReduce(words, kNever))) << "stays dead";
}

TEST_P(ReducerTest, EndsAWaitForPeersThatNeverConnectWhenAborted) {
  Members members = Make(1, 3);
  std::thread aborter([&] { members[0].Abort(); });
  absl::Status status = members[0].Connect(members.endpoints(), kNever);
  std::vector<int64_t> words = {1};
  if (status.ok()) status = members[0].AllReduce(words, kNever);
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  aborter.join();
}

TEST_P(ReducerTest, EndsAWaitForPeersThatNeverAddWhenAborted) {
  for (const size_t length : {1, 500'000}) {
    Members members = MakeConnected(length, 3);
    std::thread aborter([&] { members[0].Abort(); });
    std::vector<int64_t> words(length);
    const absl::Status status = members[0].AllReduce(words, kNever);
    EXPECT_TRUE(absl::IsAborted(status)) << status;
    aborter.join();
  }
}

TEST_P(ReducerTest, TakesAbortsFromManyThreadsAtAnyTime) {
  for (uint64_t generation = 1; generation <= 20; ++generation) {
    Members members = MakeConnected(generation, 3);
    std::vector<std::thread> aborters;
    for (uint32_t i = 0; i < 6; ++i) {
      aborters.emplace_back([&members, i] { members[i % 3].Abort(); });
    }
    members.ForEach([&](uint32_t rank) {
      std::vector<int64_t> words(1000);
      absl::Status status;
      while (status.ok()) status = members[rank].AllReduce(words, kNever);
      EXPECT_TRUE(IsLoss(status)) << status;
    });
    for (std::thread& aborter : aborters) aborter.join();
  }
}

TEST_P(ReducerTest, SumsInTheNextGenerationAfterAnAbort) {
  for (uint64_t generation = 1; generation <= 20; ++generation) {
    const uint32_t size = 2 + generation % 3;
    Members members = MakeConnected(generation, size);
    ExpectSums(members, generation, 100);
    std::thread aborter([&] { members[generation % size].Abort(); });
    members.ForEach([&](uint32_t rank) {
      std::vector<int64_t> words(1000);
      absl::Status status;
      while (status.ok()) status = members[rank].AllReduce(words, kNever);
      EXPECT_TRUE(IsLoss(status)) << status;
    });
    aborter.join();
  }
}

// ---- Deadlines

TEST_P(ReducerTest, GivesUpAtTheDeadlineAndStaysDead) {
  Members members = MakeConnected(1, 3);
  std::vector<int64_t> words = {1};
  EXPECT_TRUE(absl::IsDeadlineExceeded(members[0].AllReduce(words, absl::Now())));
  EXPECT_TRUE(absl::IsDeadlineExceeded(members[0].AllReduce(words, kNever)));
}

TEST_P(ReducerTest, GivesUpOnPeersThatNeverConnectAtTheDeadline) {
  Members members = Make(1, 3);
  absl::Status status = members[1].Connect(members.endpoints(), absl::Now());
  std::vector<int64_t> words = {1};
  if (status.ok()) status = members[1].AllReduce(words, absl::Now());
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

TEST_P(ReducerTest, IsNotHurtByDeadlinesThatPassBetweenRounds) {
  Members members = MakeConnected(1, 2);
  members.ForEach([&](uint32_t rank) {
    for (uint64_t round = 0; round < 200; ++round) {
      std::vector<int64_t> words = Words(rank, round, 10);
      // Farther than a round takes, and soon past.
      ASSERT_TRUE(members[rank].AllReduce(words, absl::Now() + absl::Seconds(20)).ok());
    }
  });
}

// ---- Losses

TEST_P(ReducerTest, TellsEveryMemberThatOneHasGone) {
  Members members = MakeConnected(1, 5);
  ExpectSums(members, 1, 100);
  members.ForEach([&](uint32_t rank) {
    if (rank == 2) return members.Destroy(rank);
    std::vector<int64_t> words(1000);
    const absl::Status status = members[rank].AllReduce(words, kNever);
    EXPECT_TRUE(IsLoss(status)) << status;
  });
}

TEST_P(ReducerTest, MayBeDestroyedUnconnected) {
  Members members = Make(1, 3);
  members.Destroy(1);
}

}  // namespace
}  // namespace outerloop::tests
