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

TEST(Conv4, ComputesBatchNormalizationAlone) {
  Conv4Options options;
  EXPECT_TRUE(CanCompute(options, InstructionSet::kAvx512));
  for (const auto kind : {Normalization::Kind::kGroup, Normalization::Kind::kNone}) {
    options.normalization.kind = kind;
    EXPECT_FALSE(CanCompute(options, InstructionSet::kAvx512));
  }
}

}  // namespace
}  // namespace outerloop::meta::cpu
