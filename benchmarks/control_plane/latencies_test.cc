#include "benchmarks/control_plane/latencies.h"

#include "gtest/gtest.h"

namespace outerloop::control_plane {
namespace {

TEST(LatenciesTest, AQuantileIsTheSmallestSampleThatEnoughSamplesDoNotExceed) {
  Latencies latencies;
  for (int second = 200; second >= 1; --second) latencies.Add(absl::Seconds(second));
  const LatencySummary summary = latencies.Take();
  EXPECT_EQ(summary.count, 200);
  EXPECT_EQ(summary.p50, absl::Seconds(100));
  EXPECT_EQ(summary.p99, absl::Seconds(198));
  EXPECT_EQ(summary.max, absl::Seconds(200));
}

TEST(LatenciesTest, OneSampleIsEveryQuantile) {
  Latencies latencies;
  latencies.Add(absl::Seconds(2));
  const LatencySummary summary = latencies.Take();
  EXPECT_EQ(summary.p50, absl::Seconds(2));
  EXPECT_EQ(summary.p99, absl::Seconds(2));
}

TEST(LatenciesTest, TakeForgets) {
  Latencies latencies;
  latencies.Add(absl::Seconds(2));
  latencies.Take();
  const LatencySummary summary = latencies.Take();
  EXPECT_EQ(summary.count, 0);
  EXPECT_EQ(summary.max, absl::ZeroDuration());
}

}  // namespace
}  // namespace outerloop::control_plane
