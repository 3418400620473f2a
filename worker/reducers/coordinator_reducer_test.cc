#include "worker/reducers/coordinator_reducer.h"

#include <atomic>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/protocol.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "worker/reducers/make_reducer.h"
#include "worker/reducers/reduce_service.h"

namespace outerloop::worker {
namespace {

// Far beyond what any of this takes.
absl::Time Later() { return absl::Now() + absl::Seconds(60); }

// Serves AllReduce alone; a test may take one member's stream over.
class Server final : public v1::WorkerService::Service {
 public:
  using Override = std::function<grpc::Status(ReduceService::Stream&)>;

  Server() {
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Server() override {
    sums.End(~uint64_t{0}, grpc::Status(grpc::StatusCode::UNAVAILABLE, "the test is over"));
    server_->Shutdown(std::chrono::system_clock::now());
  }
  std::shared_ptr<grpc::Channel> channel() { return server_->InProcessChannel({}); }

  ReduceService sums;
  Override answer;  // Instead of `sums`, if set.

 private:
  grpc::Status AllReduce(grpc::ServerContext*, ReduceService::Stream* stream) override {
    return answer ? answer(*stream) : sums.Serve(*stream);
  }

  std::unique_ptr<grpc::Server> server_;
};

v1::ReduceHeader Member(uint32_t rank, uint32_t size, uint64_t generation = 1) {
  v1::ReduceHeader header;
  header.set_job_id("job");
  header.set_generation(generation);
  header.set_rank(rank);
  header.set_size(size);
  return header;
}

class CoordinatorReducerTest : public testing::Test {
 protected:
  std::unique_ptr<Reducer> Make(uint32_t rank, uint32_t size, uint64_t generation = 1) {
    std::unique_ptr<Reducer> reducer = *MakeReducer({.channel = server_.channel()}, v1::COORDINATOR,
                                                    Member(rank, size, generation));
    EXPECT_TRUE(reducer->Connect({}, Later()).ok());
    return reducer;
  }
  // Runs `body` for each rank in a thread of its own.
  static void ForEachRank(uint32_t size, const std::function<void(uint32_t)>& body) {
    std::vector<std::thread> ranks;
    for (uint32_t rank = 0; rank < size; ++rank) ranks.emplace_back(body, rank);
    for (std::thread& rank : ranks) rank.join();
  }

  Server server_;
};

TEST_F(CoordinatorReducerTest, SumsOverAllMembersRoundAfterRound) {
  constexpr uint32_t kSize = 3;
  ForEachRank(kSize, [this](uint32_t rank) {
    const auto reducer = Make(rank, kSize);
    for (int64_t round = 0; round < 5; ++round) {
      std::vector<int64_t> words(1000);
      for (size_t i = 0; i < words.size(); ++i) {
        words[i] = static_cast<int64_t>(rank + 1) * (static_cast<int64_t>(i) - 500) + round;
      }
      const absl::Status status = reducer->AllReduce(words, Later());
      ASSERT_TRUE(status.ok()) << status;
      for (size_t i = 0; i < words.size(); ++i) {
        ASSERT_EQ(words[i], 6 * (static_cast<int64_t>(i) - 500) + 3 * round);
      }
    }
  });
}

TEST_F(CoordinatorReducerTest, SumsBuffersOfManyChunksAndOfNone) {
  ForEachRank(2, [this](uint32_t rank) {
    constexpr size_t chunk = kBlobChunkBytes / sizeof(int64_t);
    const auto reducer = Make(rank, 2);
    for (size_t size : {size_t{0}, size_t{1}, chunk, chunk + 1, 6 * chunk - 1}) {
      std::vector<int64_t> words(size);
      std::iota(words.begin(), words.end(), rank == 0 ? int64_t{0} : int64_t{1} << 40);
      const absl::Status status = reducer->AllReduce(words, Later());
      ASSERT_TRUE(status.ok()) << status;
      for (size_t i = 0; i < size; ++i) {
        ASSERT_EQ(words[i], (int64_t{1} << 40) + 2 * static_cast<int64_t>(i));
      }
    }
  });
}

TEST_F(CoordinatorReducerTest, SaysThatChunksCome) {
  std::atomic<int> chunks = 0;
  ForEachRank(2, [this, &chunks](uint32_t rank) {
    CoordinatorReducer reducer(server_.channel(), Member(rank, 2), [&chunks] { ++chunks; });
    ASSERT_TRUE(reducer.Connect({}, Later()).ok());
    std::vector<int64_t> words(kBlobChunkBytes / sizeof(int64_t) + 1);
    EXPECT_TRUE(reducer.AllReduce(words, Later()).ok());
  });
  EXPECT_EQ(chunks, 4);
}

TEST_F(CoordinatorReducerTest, SaysWhoItIsOnce) {
  ForEachRank(2, [this](uint32_t rank) {
    std::vector<int64_t> words = {1};
    EXPECT_TRUE(Make(rank, 2, /*generation=*/7)->AllReduce(words, Later()).ok());
  });
  ASSERT_EQ(server_.sums.headers().size(), 2u);
  for (const v1::ReduceHeader& header : server_.sums.headers()) {
    EXPECT_EQ(header.SerializeAsString(), Member(header.rank(), 2, 7).SerializeAsString());
  }
}

TEST_F(CoordinatorReducerTest, NeedsNoStreamForAGroupOfOne) {
  const auto reducer = Make(0, 1);
  std::vector<int64_t> words = {1, 2, 3};
  EXPECT_TRUE(reducer->AllReduce(words, absl::InfinitePast()).ok());
  EXPECT_EQ(words, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_TRUE(server_.sums.headers().empty());
  reducer->Abort();
  EXPECT_TRUE(absl::IsAborted(reducer->AllReduce(words, Later())));
}

TEST_F(CoordinatorReducerTest, ReturnsAtOnceWhenAbortedWhileItWaits) {
  const auto reducer = Make(0, 2);
  std::thread aborter([this, &reducer] {
    server_.sums.WaitForRound(1, 0);
    reducer->Abort();
  });
  std::vector<int64_t> words = {1};
  EXPECT_TRUE(absl::IsAborted(reducer->AllReduce(words, absl::InfiniteFuture())));
  aborter.join();
  EXPECT_TRUE(absl::IsAborted(reducer->AllReduce(words, absl::InfiniteFuture()))) << "stays dead";
  reducer->Abort();
}

TEST_F(CoordinatorReducerTest, FailsWhenAPeerIsLost) {
  const auto survivor = Make(0, 2);
  std::thread peer([this] {
    auto lost = Make(1, 2);
    std::vector<int64_t> words = {1};
    EXPECT_TRUE(lost->AllReduce(words, Later()).ok());
  });
  std::vector<int64_t> words = {1};
  EXPECT_TRUE(survivor->AllReduce(words, Later()).ok());
  peer.join();  // Its stream has ended with it.
  EXPECT_TRUE(absl::IsUnavailable(survivor->AllReduce(words, absl::InfiniteFuture())));
}

TEST_F(CoordinatorReducerTest, FailsWhenTheGenerationEnds) {
  const auto reducer = Make(0, 2);
  std::thread ender([this] {
    server_.sums.WaitForRound(1, 0);
    server_.sums.End(1, {grpc::StatusCode::ABORTED, "generation 2 has begun"});
  });
  std::vector<int64_t> words = {1};
  const absl::Status status = reducer->AllReduce(words, absl::InfiniteFuture());
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_NE(status.message().find("generation 2"), std::string::npos) << status;
  ender.join();
}

TEST_F(CoordinatorReducerTest, GivesUpAtTheDeadlineAndStaysDead) {
  const auto reducer = Make(0, 2);
  std::vector<int64_t> words = {1};
  EXPECT_TRUE(absl::IsDeadlineExceeded(reducer->AllReduce(words, absl::Now())));
  EXPECT_TRUE(absl::IsDeadlineExceeded(reducer->AllReduce(words, Later())));
}

TEST_F(CoordinatorReducerTest, FailsWithoutACoordinator) {
  const auto channel =
      grpc::CreateChannel("localhost:1", grpc::InsecureChannelCredentials());  // Nobody there.
  CoordinatorReducer reducer(channel, Member(0, 2));
  std::vector<int64_t> words = {1};
  EXPECT_TRUE(absl::IsFailedPrecondition(reducer.AllReduce(words, Later()))) << "not connected";
  EXPECT_TRUE(reducer.Connect({}, Later()).ok());
  EXPECT_TRUE(absl::IsUnavailable(reducer.AllReduce(words, Later())));
}

TEST_F(CoordinatorReducerTest, RefusesAnswersThatDoNotFit) {
  const auto answers = {
      +[](v1::ReduceChunk& chunk) { chunk.set_round(chunk.round() + 1); },
      +[](v1::ReduceChunk& chunk) { chunk.set_offset(chunk.offset() + 1); },
      +[](v1::ReduceChunk& chunk) { chunk.set_data(chunk.data() + "12345678"); },
      +[](v1::ReduceChunk& chunk) { chunk.set_data("1234567"); },
  };
  for (const auto& spoil : answers) {
    server_.answer = [spoil](ReduceService::Stream& stream) {
      v1::ReduceChunk chunk;
      stream.Read(&chunk);  // Header.
      while (stream.Read(&chunk)) {
        spoil(chunk);
        stream.Write(chunk);
      }
      return grpc::Status::OK;
    };
    std::vector<int64_t> words = {1, 2};
    EXPECT_TRUE(absl::IsUnavailable(Make(0, 2)->AllReduce(words, Later())));
  }
}

}  // namespace
}  // namespace outerloop::worker
