#include "worker/training_state.h"

#include <bit>
#include <limits>

#include "common/sha256.h"
#include "gtest/gtest.h"

namespace outerloop::worker {
namespace {

// Equal to the bit, so that NaN equals itself.
std::vector<uint32_t> Bits(const std::vector<float>& values) {
  std::vector<uint32_t> bits;
  for (float value : values) bits.push_back(std::bit_cast<uint32_t>(value));
  return bits;
}

TrainingState AwkwardState() {
  return {.step = 41,
          .parameters = {1.5f, -0.0f, std::bit_cast<float>(0x7fa12345u),
                         std::numeric_limits<float>::infinity(), 1e-45f},
          .optimizer = {{"m", {1, 2, 3, 4, std::bit_cast<float>(0xffc00001u)}},
                        {"v", {6, 7, 8, 9, 10}}}};
}

TrainingState ShapeOf(const TrainingState& state) {
  TrainingState shape = {.step = 0, .parameters = std::vector<float>(state.parameters.size())};
  for (const auto& [name, buffer] : state.optimizer) shape.optimizer[name].resize(buffer.size());
  return shape;
}

TEST(TrainingStateTest, DigestsTheBytesOfTheParametersAlone) {
  TrainingState state = {.step = 1, .parameters = {1.0f, -2.0f}};
  // 1.0f and -2.0f, little endian.
  EXPECT_EQ(ToHex(state.ParametersDigest()),
            Sha256Hex(std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8)));
  const Sha256Digest before = state.ParametersDigest();
  state.step = 2;
  state.optimizer["m"] = {1, 2};
  EXPECT_EQ(state.ParametersDigest(), before);
}

TEST(TrainingStateTest, GoesThroughABroadcastToTheBit) {
  const TrainingState state = AwkwardState();
  std::vector<int64_t> sum = ToWords(state);
  const std::vector<int64_t> zeros(WordCount(ShapeOf(state)));
  ASSERT_EQ(sum.size(), zeros.size());
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += zeros[i];

  const auto received = FromWords(sum, ShapeOf(state));
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(received->step, 41u);
  EXPECT_EQ(Bits(received->parameters), Bits(state.parameters));
  EXPECT_EQ(Bits(received->optimizer.at("m")), Bits(state.optimizer.at("m")));
  EXPECT_EQ(Bits(received->optimizer.at("v")), Bits(state.optimizer.at("v")));
}

TEST(TrainingStateTest, RefusesASumOfNoneOrOfTwoStates) {
  const TrainingState state = AwkwardState();
  std::vector<int64_t> words(WordCount(state));
  EXPECT_TRUE(absl::IsDataLoss(FromWords(words, ShapeOf(state)).status()));
  words = ToWords(state);
  for (int64_t& word : words) word = static_cast<int64_t>(2 * static_cast<uint64_t>(word));
  EXPECT_TRUE(absl::IsDataLoss(FromWords(words, ShapeOf(state)).status()));
}

TEST(TrainingStateTest, RefusesAnyChangedWord) {
  const TrainingState state = AwkwardState();
  for (size_t i = 0; i < WordCount(state); ++i) {
    std::vector<int64_t> words = ToWords(state);
    words[i] ^= 1;
    EXPECT_TRUE(absl::IsDataLoss(FromWords(words, ShapeOf(state)).status())) << "word " << i;
  }
}

TEST(TrainingStateTest, RefusesAStateOfAnotherSize) {
  const TrainingState state = AwkwardState();
  TrainingState shape = ShapeOf(state);
  shape.optimizer.erase("v");
  EXPECT_TRUE(absl::IsDataLoss(FromWords(ToWords(state), shape).status()));
}

}  // namespace
}  // namespace outerloop::worker
