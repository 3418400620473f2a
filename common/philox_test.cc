#include "common/philox.h"

#include <cmath>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

using ::testing::ElementsAre;

RandomStream Stream(uint64_t seed = 1) {
  return RandomStream(seed, RandomPurpose::kTrainTask, /*step=*/2, /*task=*/3);
}

// The known answers published with Random123, kat_vectors, "philox4x32 10".
TEST(Philox4x32, GivesThePublishedAnswers) {
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_THAT(Philox4x32({0, 0, 0, 0}, {0, 0}),
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(Philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(
      Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

// What jobs were trained on follows from these: they must never change. From an independent
// implementation, in Python.
TEST(RandomStream, KeepsItsFirstNumbers) {
  RandomStream stream(/*seed=*/0x0123456789abcdef, RandomPurpose::kTrainTask,
                      /*step=*/0x1122334455667788, /*task=*/99);
  std::vector<uint32_t> first;
  for (int i = 0; i < 6; ++i) first.push_back(stream.Next());
  EXPECT_THAT(first,
              ElementsAre(0x4be41ff4, 0xdf13edfb, 0x78e6e375, 0xcd60c264, 0x5c21ce32, 0x1449e266));
  EXPECT_EQ(stream.Below(1000), 199u);
  EXPECT_EQ(stream.Uniform(), 0x1.c602a01f1518p-5);
  EXPECT_EQ(stream.Uniform(-1.0, 1.0), -0x1.836bdf5fd267cp-2);
}

TEST(RandomStream, IsTheCipherOfItsPlaceUnderTheDerivedKey) {
  const uint64_t seed = 0x0123456789abcdef;
  const auto key = Philox4x32({3, 0, 0, 0}, {0x89abcdef, 0x01234567});
  const auto second_block = Philox4x32({1, 99, 0x55667788, 0x11223344}, {key[0], key[1]});
  RandomStream stream(seed, RandomPurpose::kTrainTask, 0x1122334455667788, 99);
  for (int i = 0; i < 4; ++i) stream.Next();
  for (const uint32_t expected : second_block) EXPECT_EQ(stream.Next(), expected);
}

TEST(RandomStream, DependsOnEachPartOfItsPlace) {
  std::set<uint32_t> firsts;
  firsts.insert(RandomStream(1, RandomPurpose::kTrainTask, 1, 1).Next());
  firsts.insert(RandomStream(2, RandomPurpose::kTrainTask, 1, 1).Next());
  firsts.insert(RandomStream(1 + (uint64_t{1} << 32), RandomPurpose::kTrainTask, 1, 1).Next());
  firsts.insert(RandomStream(1, RandomPurpose::kTestTask, 1, 1).Next());
  firsts.insert(RandomStream(1, RandomPurpose::kTrainTask, 2, 1).Next());
  firsts.insert(RandomStream(1, RandomPurpose::kTrainTask, 1 + (uint64_t{1} << 32), 1).Next());
  firsts.insert(RandomStream(1, RandomPurpose::kTrainTask, 1, 2).Next());
  EXPECT_EQ(firsts.size(), 7u);
}

TEST(RandomStream, DoesNotDependOnOtherStreams) {
  RandomStream alone = Stream();
  RandomStream mixed = Stream();
  RandomStream other = Stream(/*seed=*/7);
  for (int i = 0; i < 100; ++i) {
    other.Next();
    EXPECT_EQ(mixed.Next(), alone.Next());
  }
}

// Chi-square over `cells` cells; with so many degrees of freedom it is close to normal.
void ExpectUniform(const std::vector<int>& counts, int draws) {
  const double expected = static_cast<double>(draws) / static_cast<double>(counts.size());
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - expected) * (count - expected) / expected;
  const double freedom = static_cast<double>(counts.size()) - 1;
  EXPECT_NEAR(chi_square, freedom, 5 * std::sqrt(2 * freedom));
}

TEST(RandomStream, BelowIsUniform) {
  constexpr int kDraws = 100'000;
  for (const uint32_t n : {2u, 7u, 100u, 1000u}) {
    RandomStream stream = Stream(n);
    std::vector<int> counts(n);
    for (int i = 0; i < kDraws; ++i) ++counts.at(stream.Below(n));
    ExpectUniform(counts, kDraws);
  }
}

// Where n is 3/4 of 2^32, taking high bits alone would give every third value twice as often.
TEST(RandomStream, BelowHasNoBiasForALargeRange) {
  constexpr int kDraws = 100'000;
  constexpr uint32_t kRange = 3u << 30;
  RandomStream stream = Stream();
  std::vector<int> counts(3);
  for (int i = 0; i < kDraws; ++i) {
    const uint32_t draw = stream.Below(kRange);
    ASSERT_LT(draw, kRange);
    ++counts[draw % 3];
  }
  ExpectUniform(counts, kDraws);
}

TEST(RandomStream, BelowOneIsZeroAndTakesOneNumber) {
  RandomStream stream = Stream();
  RandomStream reference = Stream();
  EXPECT_EQ(stream.Below(1), 0u);
  reference.Next();
  EXPECT_EQ(stream.Next(), reference.Next());
}

TEST(RandomStream, UniformTakes53BitsOfTwoNumbers) {
  RandomStream stream = Stream();
  RandomStream reference = Stream();
  for (int i = 0; i < 1000; ++i) {
    const uint64_t high = reference.Next() >> 5;
    const uint64_t low = reference.Next() >> 6;
    const double drawn = stream.Uniform();
    EXPECT_EQ(drawn * 0x1p53, static_cast<double>(high * (1 << 26) + low));
    EXPECT_GE(drawn, 0.0);
    EXPECT_LT(drawn, 1.0);
  }
}

TEST(RandomStream, UniformFillsItsRange) {
  constexpr int kDraws = 100'000;
  RandomStream stream = Stream();
  std::vector<int> counts(50);
  for (int i = 0; i < kDraws; ++i) {
    ++counts.at(static_cast<size_t>(stream.Uniform(-5.0, 5.0) * 5 + 25));
  }
  ExpectUniform(counts, kDraws);
}

}  // namespace
}  // namespace outerloop
