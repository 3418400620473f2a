#include "meta/cpu/conv4.h"

#include <utility>

#include "gtest/gtest.h"

namespace outerloop::meta::cpu {
namespace {

TEST(Conv4, ComputesFiltersInWholeRegisters) {
  for (const auto& [set, lanes] :
       {std::pair(InstructionSet::kAvx512, 16), std::pair(InstructionSet::kAvx2, 8)}) {
    EXPECT_TRUE(CanCompute({.filters = 64}, set));
    EXPECT_TRUE(CanCompute({.filters = 3 * lanes}, set));
    EXPECT_FALSE(CanCompute({.filters = lanes / 2}, set));
    EXPECT_FALSE(CanCompute({.filters = 5}, set));
  }
}

}  // namespace
}  // namespace outerloop::meta::cpu
