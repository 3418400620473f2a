#include "benchmarks/control_plane/process_usage.h"

#include <unistd.h>

#include <ctime>
#include <string>

#include "gtest/gtest.h"

namespace outerloop::control_plane {
namespace {

TEST(ProcessUsageTest, SeesMemoryThatIsTouchedAndGivenBack) {
  const ProcessUsage before = ReadProcessUsage(getpid()).value();
  std::string(64 << 20, 'x');
  const ProcessUsage after = ReadProcessUsage(getpid()).value();
  EXPECT_GE(after.peak_bytes, before.resident_bytes + (60 << 20));
  EXPECT_LE(after.resident_bytes, after.peak_bytes);
}

TEST(ProcessUsageTest, AgreesWithTheProcessOwnClock) {
  while (clock() < CLOCKS_PER_SEC / 5) {
  }
  const double own = static_cast<double>(clock()) / CLOCKS_PER_SEC;
  EXPECT_NEAR(absl::ToDoubleSeconds(ReadProcessUsage(getpid())->cpu), own, 0.05);
}

TEST(ProcessUsageTest, ThereIsNoProcessWithoutANumber) {
  EXPECT_TRUE(absl::IsNotFound(ReadProcessUsage(-1).status()));
}

}  // namespace
}  // namespace outerloop::control_plane
