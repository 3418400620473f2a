#include "data/distinct_draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

namespace outerloop::data {
namespace {

RandomStream Stream(uint32_t task) { return {/*seed=*/1, RandomPurpose::kTrainTask, 0, task}; }

std::vector<uint32_t> Draw(uint32_t n, uint32_t count, uint32_t task) {
  RandomStream random = Stream(task);
  DistinctDraw draw(n);
  std::vector<uint32_t> numbers(count);
  for (uint32_t& number : numbers) number = draw.Next(random);
  return numbers;
}

TEST(DistinctDraw, GivesEveryNumberOnce) {
  for (uint32_t n : {1u, 2u, 3u, 20u, 1000u}) {
    std::vector<uint32_t> numbers = Draw(n, n, n);
    std::sort(numbers.begin(), numbers.end());
    std::vector<uint32_t> all(n);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(numbers, all);
  }
}

// An independent reference: the textbook shuffle of an array.
TEST(DistinctDraw, EqualsAFullShuffleOfAnArray) {
  constexpr uint32_t kNumbers = 50;
  RandomStream random = Stream(3);
  std::vector<uint32_t> array(kNumbers);
  std::iota(array.begin(), array.end(), 0);
  for (uint32_t i = 0; i < kNumbers; ++i) {
    std::swap(array[i], array[i + random.Below(kNumbers - i)]);
  }
  EXPECT_EQ(Draw(kNumbers, kNumbers, 3), array);
}

TEST(DistinctDraw, GivesEveryOrderedPairEquallyOften) {
  constexpr int kDraws = 12000;
  std::map<std::vector<uint32_t>, int> counts;
  for (int i = 0; i < kDraws; ++i) ++counts[Draw(4, 2, i)];
  ASSERT_EQ(counts.size(), 12u);
  double chi_square = 0;
  for (const auto& [pair, count] : counts) {
    chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  }
  EXPECT_LT(chi_square, 31.3);  // 99.9% of 11 degrees of freedom.
}

TEST(DistinctDraw, GivesTheSamePrefixHoweverManyAreDrawn) {
  const std::vector<uint32_t> few = Draw(100, 5, 8);
  const std::vector<uint32_t> many = Draw(100, 50, 8);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

}  // namespace
}  // namespace outerloop::data
