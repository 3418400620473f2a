#include "worker/reducers/gloo_reducer.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// What goes for every kind of reducer is tested in tests/reducers.
namespace outerloop::worker {
namespace {

using testing::HasSubstr;

constexpr absl::Time kNever = absl::InfiniteFuture();

v1::ReduceHeader Header(uint32_t rank, uint32_t size, uint64_t generation = 1) {
  v1::ReduceHeader header;
  header.set_job_id("job");
  header.set_generation(generation);
  header.set_rank(rank);
  header.set_size(size);
  return header;
}

// The members of a generation, connected with each other only.
struct Ring {
  explicit Ring(uint32_t size, uint64_t generation = 1) {
    for (uint32_t rank = 0; rank < size; ++rank) {
      members.push_back(*GlooReducer::Create("127.0.0.1", Header(rank, size, generation)));
      endpoints.push_back(members.back()->endpoint());
    }
  }
  void ForEach(const std::function<void(uint32_t rank)>& body) const {
    std::vector<std::thread> threads;
    for (uint32_t rank = 0; rank < members.size(); ++rank) threads.emplace_back(body, rank);
    for (std::thread& thread : threads) thread.join();
  }

  std::vector<std::unique_ptr<Reducer>> members;
  std::vector<std::string> endpoints;
};

TEST(GlooReducerTest, SaysWhereItCannotListen) {
  for (const char* address : {"192.0.2.1", "no-such-host.invalid"}) {  // 192.0.2.1: RFC 5737.
    const absl::Status status = GlooReducer::Create(address, Header(0, 2)).status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(address));
  }
}

TEST(GlooReducerTest, SurvivesAWriteToAConnectionThatIsClosed) {
  std::signal(SIGPIPE, SIG_DFL);
  Ring ring(2);
  EXPECT_EQ(std::raise(SIGPIPE), 0);
}

// Where the first connection of `endpoint` is awaited, as Gloo writes it.
sockaddr_in AddressIn(const std::string& endpoint) {
  sockaddr_in address;
  std::memcpy(&address, endpoint.data(), sizeof(address));
  EXPECT_EQ(address.sin_family, AF_INET);
  return address;
}

TEST(GlooReducerTest, SurvivesAStrangerWhoResetsHisConnection) {
  Ring ring(2);
  const sockaddr_in address = AddressIn(ring.endpoints[0]);
  const int stranger = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(connect(stranger, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  const linger reset = {.l_onoff = 1, .l_linger = 0};
  ASSERT_EQ(setsockopt(stranger, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
  ASSERT_EQ(close(stranger), 0);
  // He may have taken the peer's place; then this ring is lost, but not the process.
  ring.ForEach([&](uint32_t rank) {
    (void)ring.members[rank]->Connect(ring.endpoints, absl::Now() + absl::Milliseconds(200));
  });
  Ring next(2);
  next.ForEach([&](uint32_t rank) {
    EXPECT_TRUE(next.members[rank]->Connect(next.endpoints, kNever).ok());
  });
}

TEST(GlooReducerTest, HasAnEndpointThatDoesNotGrowWithTheGroup) {
  EXPECT_EQ(Ring(3).endpoints[0].size(), Ring(30).endpoints[29].size());
}

TEST(GlooReducerTest, ListensOnIpv6) {
  const auto reducer = GlooReducer::Create("::1", Header(0, 2));
  if (!reducer.ok()) GTEST_SKIP() << reducer.status();
  EXPECT_FALSE((*reducer)->endpoint().empty());
}

TEST(GlooReducerTest, RefusesEndpointsThatAreNone) {
  const std::vector<std::vector<std::string>> bad = {
      {},
      {"", ""},
      {"", "garbage"},
      {"", std::string(Ring(2).endpoints[0].size(), '\xff')},
      {"", Ring(3).endpoints[0]},
  };
  for (const std::vector<std::string>& endpoints : bad) {
    Ring ring(2);
    const absl::Status status = ring.members[0]->Connect(endpoints, kNever);
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    std::vector<int64_t> words = {1};
    EXPECT_TRUE(absl::IsUnavailable(ring.members[0]->AllReduce(words, kNever)));
  }
}

TEST(GlooReducerTest, RefusesItsOwnEndpointAsAPeers) {
  Ring ring(2);
  const std::vector<std::string> endpoints(2, ring.endpoints[0]);
  EXPECT_TRUE(absl::IsUnavailable(ring.members[0]->Connect(endpoints, kNever)));
}

TEST(GlooReducerTest, RefusesAMemberOfAnotherGeneration) {
  Ring old(2, /*generation=*/1), present(2, /*generation=*/2);
  const std::vector<std::string> endpoints = {present.endpoints[0], old.endpoints[1]};
  std::thread stray(
      [&] { EXPECT_TRUE(absl::IsUnavailable(old.members[1]->Connect(endpoints, kNever))); });
  const absl::Status status = present.members[0]->Connect(endpoints, kNever);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("another process"));
  stray.join();
}

TEST(GlooReducerTest, ConnectsWhateverTheOrderOfItsPorts) {
  for (uint64_t generation = 0; generation < 30; ++generation) {
    Ring ring(2 + generation % 5, generation);
    ring.ForEach([&](uint32_t rank) {
      const absl::Status status = ring.members[rank]->Connect(ring.endpoints, kNever);
      EXPECT_TRUE(status.ok()) << status;
    });
  }
}

TEST(GlooReducerTest, CannotReduceBeforeItIsConnected) {
  Ring ring(2);
  std::vector<int64_t> words = {1};
  EXPECT_TRUE(absl::IsUnavailable(ring.members[0]->AllReduce(words, kNever)));
}

TEST(GlooReducerTest, LeavesTheLastSumToTheOthersWhenItGoes) {
  for (uint64_t generation = 1; generation <= 30; ++generation) {
    Ring ring(4, generation);
    ring.ForEach([&](uint32_t rank) {
      ASSERT_TRUE(ring.members[rank]->Connect(ring.endpoints, kNever).ok());
      std::vector<int64_t> words(20'000, rank);
      const absl::Status status = ring.members[rank]->AllReduce(words, kNever);
      ring.members[rank].reset();
      ASSERT_TRUE(status.ok()) << status;
      EXPECT_EQ(words, std::vector<int64_t>(20'000, 0 + 1 + 2 + 3));
    });
  }
}

}  // namespace
}  // namespace outerloop::worker
