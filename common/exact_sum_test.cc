#include "common/exact_sum.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "common/philox.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outerloop {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr int kBits = 40;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

RandomStream Stream(uint32_t task) {
  return RandomStream(/*seed=*/1, RandomPurpose::kTrainTask, /*step=*/0, task);
}

// Floats of magnitudes from 2^-45, below the resolution, to 2^12, above the fast path; a few are
// not finite, and a few too large.
std::vector<float> AwkwardFloats(size_t size, RandomStream& random) {
  std::vector<float> values(size);
  for (float& value : values) {
    const double magnitude = std::exp2(random.Uniform(-45.0, 12.0));
    value = static_cast<float>(random.Below(2) == 0 ? magnitude : -magnitude);
    if (random.Below(50) == 0) value = random.Below(2) == 0 ? kNan : -kInfinity;
    if (random.Below(50) == 0) value = 1e30f;
  }
  return values;
}

std::vector<size_t> Shuffled(size_t size, RandomStream& random) {
  std::vector<size_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = size; i > 1; --i) {
    std::swap(order[i - 1], order[random.Below(static_cast<uint32_t>(i))]);
  }
  return order;
}

std::vector<int64_t> Words(ExactSum& sum) { return {sum.words().begin(), sum.words().end()}; }

TEST(ExactSum, AnyOrderAndPartitionGiveTheSameWords) {
  constexpr size_t kSize = 37;
  constexpr size_t kTerms = 24;
  for (uint32_t trial = 0; trial < 50; ++trial) {
    RandomStream random = Stream(trial);
    std::vector<std::vector<float>> terms;
    for (size_t i = 0; i < kTerms; ++i) terms.push_back(AwkwardFloats(kSize, random));
    ExactSum whole(kSize, kBits, kTerms);
    for (const auto& term : terms) whole.Add(0, term);

    std::vector<ExactSum> parts(1 + random.Below(5), ExactSum(kSize, kBits, kTerms));
    for (const size_t i : Shuffled(kTerms, random)) {
      parts[random.Below(static_cast<uint32_t>(parts.size()))].Add(0, terms[i]);
    }
    ExactSum merged(kSize, kBits, kTerms);
    for (const size_t i : Shuffled(parts.size(), random)) merged.Merge(parts[i]);
    EXPECT_THAT(Words(merged), ElementsAreArray(Words(whole)));
    EXPECT_GT(whole.non_finite(), 0);
    EXPECT_GT(whole.overflows(), 0);
  }
}

TEST(ExactSum, FloatsInARowAndOneByOneGiveTheSameWords) {
  constexpr size_t kSize = 1000;
  RandomStream random = Stream(0);
  const std::vector<float> values = AwkwardFloats(kSize, random);
  ExactSum row(kSize, kBits, /*max_terms=*/100);
  ExactSum singly(kSize, kBits, /*max_terms=*/100);
  row.Add(0, values);
  for (size_t i = 0; i < kSize; ++i) singly.Add(i, double{values[i]});
  EXPECT_THAT(Words(row), ElementsAreArray(Words(singly)));
}

// Floats that all are on the fast path, but for one.
std::vector<float> TameFloats(size_t size, size_t odd, float value, RandomStream& random) {
  std::vector<float> values(size);
  for (float& tame : values) tame = static_cast<float>(random.Uniform(-1.0, 1.0));
  values[odd] = value;
  return values;
}

TEST(ExactSum, OneOddFloatInALongRowChangesNoOtherWord) {
  constexpr size_t kSize = 2000;
  RandomStream random = Stream(1);
  for (const float odd : {0.5f, 2048.0f, -1e6f, 1e30f, -kInfinity, kNan}) {
    for (const size_t place : {0, 511, 512, 1023, 1999}) {
      const std::vector<float> values = TameFloats(kSize, place, odd, random);
      ExactSum row(kSize, kBits, /*max_terms=*/4);
      ExactSum singly(kSize, kBits, /*max_terms=*/4);
      row.Add(0, values);
      for (size_t i = 0; i < kSize; ++i) singly.Add(i, double{values[i]});
      ASSERT_THAT(Words(row), ElementsAreArray(Words(singly))) << odd << " at " << place;
    }
  }
}

TEST(ExactSum, SumsInARowAndOneByOneAreTheSame) {
  constexpr size_t kSize = 2000;
  RandomStream random = Stream(2);
  for (const int64_t odd : {int64_t{0}, (int64_t{1} << 51) - 1, int64_t{1} << 51, int64_t{1} << 52,
                            -(int64_t{1} << 51), -(int64_t{1} << 51) - 1, int64_t{-1} << 63}) {
    ExactSum sum(kSize, kBits, /*max_terms=*/4);
    sum.Add(0, TameFloats(kSize, 0, 0.25f, random));
    sum.words()[700] = odd;
    std::vector<float> row(kSize - 1);
    sum.Get(1, 1.0 / 7, row);
    for (size_t i = 0; i < row.size(); ++i) {
      ASSERT_EQ(row[i], static_cast<float>(sum.Get(1 + i, 1.0 / 7))) << i << ", " << odd;
      ASSERT_EQ(sum.Get(1 + i), std::ldexp(static_cast<double>(sum.words()[1 + i]), -kBits));
    }
  }
}

TEST(ExactSum, IsAsCloseToTheTrueSumAsItsResolution) {
  constexpr int kTerms = 1000;
  RandomStream random = Stream(0);
  ExactSum sum(1, kBits, kTerms);
  long double exact = 0;
  for (int i = 0; i < kTerms; ++i) {
    const auto value = static_cast<float>(random.Uniform(-3.0, 3.0));
    sum.Add(0, {&value, 1});
    exact += value;
  }
  EXPECT_NEAR(sum.Get(0), static_cast<double>(exact), kTerms * std::ldexp(0.5, -kBits));
}

TEST(ExactSum, RoundsToNearestTiesToEven) {
  const std::vector<float> values = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 0.75f, 0.25f};
  ExactSum sum(values.size(), /*bits=*/1, /*max_terms=*/1);
  for (size_t i = 0; i < values.size(); ++i) sum.Add(i, values[i] / 2.0);  // Halves of a unit.
  EXPECT_THAT(sum.words().first(values.size()), ElementsAre(0, 2, 2, 0, -2, 1, 0));

  std::vector<float> halves = values;
  for (float& half : halves) half /= 2;
  sum.Clear();
  sum.Add(0, halves);
  EXPECT_THAT(sum.words().first(values.size()), ElementsAre(0, 2, 2, 0, -2, 1, 0));
}

TEST(ExactSum, LeavesOutAndCountsWhatIsNotFinite) {
  ExactSum sum(3, kBits, /*max_terms=*/10);
  sum.Add(0, std::vector<float>{1.0f, kNan, 3.0f});
  sum.Add(0, std::vector<float>{-kInfinity, 2.0f, kInfinity});
  sum.Add(0, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(sum.non_finite(), 4);
  EXPECT_EQ(sum.overflows(), 0);
  EXPECT_EQ(sum.Get(0), 1.0);
  EXPECT_EQ(sum.Get(1), 2.0);
  EXPECT_EQ(sum.Get(2), 3.0);
}

TEST(ExactSum, LeavesOutAndCountsWhatIsTooLarge) {
  ExactSum sum(2, kBits, /*max_terms=*/1);
  sum.Add(0, std::vector<float>{0x1p23f, -0x1p23f});  // 2^63 scaled: one more than fits.
  sum.Add(0, 1e300);
  EXPECT_EQ(sum.overflows(), 3);
  EXPECT_EQ(sum.non_finite(), 0);
  EXPECT_EQ(sum.Get(0), 0.0);
  EXPECT_EQ(sum.Get(1), 0.0);
}

// The largest float that `sum` takes, by bisection of the floats' own order.
float LargestTaken(uint64_t max_terms) {
  float taken = 0.0f;
  for (float step = 0x1p24f; step >= 0x1p-40f; step /= 2) {
    ExactSum sum(1, kBits, max_terms);
    const float tried = taken + step;
    sum.Add(0, {&tried, 1});
    if (sum.overflows() == 0) taken = tried;
  }
  return taken;
}

TEST(ExactSum, AsManyOfTheLargestTermsAsAllowedDoNotWrap) {
  for (const uint64_t max_terms : {1, 2, 3, 7, 100, 1023, 1024, 4097}) {
    const float largest = LargestTaken(max_terms);
    EXPECT_GT(largest, 0.99 * 0x1p23 / static_cast<double>(max_terms));
    for (const float value : {largest, -largest}) {
      ExactSum sum(1, kBits, max_terms);
      for (uint64_t i = 0; i < max_terms; ++i) sum.Add(0, {&value, 1});
      EXPECT_EQ(sum.overflows(), 0);
      EXPECT_NEAR(sum.Get(0) / (static_cast<double>(max_terms) * value), 1.0, 1e-9);
    }
  }
}

TEST(ExactSum, AddsFromTheFirstElementGiven) {
  ExactSum sum(4, kBits, /*max_terms=*/2);
  sum.Add(1, std::vector<float>{5.0f, 6.0f});
  sum.Add(3, 7.0);
  std::vector<float> out(3);
  sum.Get(/*first=*/1, /*factor=*/0.5, out);
  EXPECT_EQ(sum.size(), 4u);
  EXPECT_EQ(sum.Get(0), 0.0);
  EXPECT_THAT(out, ElementsAre(2.5f, 3.0f, 3.5f));
  EXPECT_EQ(sum.Get(3, 2.0), 14.0);
}

TEST(ExactSum, ClearForgetsSumsAndCounts) {
  ExactSum sum(1, kBits, /*max_terms=*/1);
  sum.Add(0, 1.0);
  sum.Add(0, double{kNan});
  sum.Add(0, 1e300);
  sum.Clear();
  EXPECT_THAT(sum.words(), ElementsAre(0, 0, 0));
}

// What reducers of other versions must find: sums, then non-finite, then overflows.
TEST(ExactSum, KeepsItsLayout) {
  ExactSum sum(2, kBits, /*max_terms=*/4);
  sum.Add(0, std::vector<float>{1.0f, kNan});
  sum.Add(1, 1e300);
  sum.Add(1, 1e300);
  EXPECT_THAT(sum.words(), ElementsAre(int64_t{1} << kBits, 0, 1, 2));
}

}  // namespace
}  // namespace outerloop
