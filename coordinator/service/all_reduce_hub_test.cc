#include "coordinator/service/all_reduce_hub.h"

#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace outerloop::coordinator {
namespace {

class FakeMember : public AllReduceMember {
 public:
  void Deliver(const v1::ReduceChunk& chunk) override { chunks.push_back(chunk); }
  void End(const absl::Status& status) override { ends.push_back(status); }

  std::vector<v1::ReduceChunk> chunks;
  std::vector<absl::Status> ends;
};

v1::ReduceChunk Chunk(uint64_t round, uint64_t offset, const std::vector<int64_t>& words) {
  v1::ReduceChunk chunk;
  chunk.set_round(round);
  chunk.set_offset(offset);
  chunk.set_data(words.data(), words.size() * sizeof(int64_t));
  return chunk;
}

std::vector<int64_t> Words(const v1::ReduceChunk& chunk) {
  std::vector<int64_t> words(chunk.data().size() / sizeof(int64_t));
  std::memcpy(words.data(), chunk.data().data(), chunk.data().size());
  return words;
}

v1::ReduceHeader Header(const std::string& job_id, uint64_t generation, uint32_t size) {
  v1::ReduceHeader header;
  header.set_job_id(job_id);
  header.set_generation(generation);
  header.set_size(size);
  return header;
}

TEST(AllReduceExchange, GivesEveryMemberTheSumOnceTheLastHasContributed) {
  AllReduceExchange exchange(3);
  FakeMember a, b, c;
  for (FakeMember* member : {&a, &b, &c}) ASSERT_TRUE(exchange.Join(member).ok());
  ASSERT_TRUE(exchange.Contribute(Chunk(0, 0, {1, -2})).ok());
  ASSERT_TRUE(exchange.Contribute(Chunk(0, 0, {10, -20})).ok());
  EXPECT_TRUE(a.chunks.empty());
  ASSERT_TRUE(exchange.Contribute(Chunk(0, 0, {100, int64_t{1} << 62})).ok());
  for (FakeMember* member : {&a, &b, &c}) {
    ASSERT_EQ(member->chunks.size(), 1u);
    EXPECT_EQ(Words(member->chunks[0]), (std::vector<int64_t>{111, (int64_t{1} << 62) - 22}));
  }
}

TEST(AllReduceExchange, KeepsChunksAndRoundsApart) {
  AllReduceExchange exchange(2);
  FakeMember a, b;
  ASSERT_TRUE(exchange.Join(&a).ok());
  ASSERT_TRUE(exchange.Join(&b).ok());
  ASSERT_TRUE(exchange.Contribute(Chunk(0, 0, {1})).ok());
  ASSERT_TRUE(exchange.Contribute(Chunk(0, 1, {2})).ok());
  ASSERT_TRUE(exchange.Contribute(Chunk(1, 0, {3})).ok());
  EXPECT_TRUE(a.chunks.empty());
  ASSERT_TRUE(exchange.Contribute(Chunk(0, 1, {20})).ok());
  ASSERT_EQ(a.chunks.size(), 1u);
  EXPECT_EQ(a.chunks[0].offset(), 1u);
  EXPECT_EQ(Words(a.chunks[0]), (std::vector<int64_t>{22}));
}

TEST(AllReduceExchange, RefusesChunksOfDifferentLengths) {
  AllReduceExchange exchange(2);
  ASSERT_TRUE(exchange.Contribute(Chunk(0, 0, {1, 2})).ok());
  EXPECT_EQ(exchange.Contribute(Chunk(0, 0, {1})).code(), absl::StatusCode::kInvalidArgument);
  v1::ReduceChunk odd;
  odd.set_data("123");
  EXPECT_EQ(exchange.Contribute(odd).code(), absl::StatusCode::kInvalidArgument);
}

TEST(AllReduceExchange, AMemberThatLeavesTakesTheGenerationWithIt) {
  AllReduceExchange exchange(2);
  FakeMember a, b;
  ASSERT_TRUE(exchange.Join(&a).ok());
  ASSERT_TRUE(exchange.Join(&b).ok());
  exchange.Leave(&a);
  EXPECT_TRUE(a.ends.empty());
  ASSERT_EQ(b.ends.size(), 1u);
  EXPECT_EQ(b.ends[0].code(), absl::StatusCode::kAborted);
  EXPECT_EQ(exchange.Contribute(Chunk(0, 0, {1})).code(), absl::StatusCode::kAborted);
}

TEST(AllReduceHub, AdmitsThePresentGenerationOnly) {
  AllReduceHub hub;
  EXPECT_EQ(hub.Find(Header("a", 1, 2)).status().code(), absl::StatusCode::kAborted);
  hub.Begin("a", 1, 2);
  const auto first = hub.Find(Header("a", 1, 2));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(hub.Find(Header("a", 1, 3)).status().code(), absl::StatusCode::kInvalidArgument);
  FakeMember member;
  ASSERT_TRUE((*first)->Join(&member).ok());

  hub.Begin("a", 2, 1);
  ASSERT_EQ(member.ends.size(), 1u);
  EXPECT_EQ(hub.Find(Header("a", 1, 2)).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(hub.Find(Header("a", 2, 1)).ok());

  hub.End("a", 1);  // Older: nothing.
  EXPECT_TRUE(hub.Find(Header("a", 2, 1)).ok());
  hub.End("a", 2);
  EXPECT_FALSE(hub.Find(Header("a", 2, 1)).ok());
}

}  // namespace
}  // namespace outerloop::coordinator
