// For tests of kernels: random values, and every instruction set with every type of number.
#ifndef OUTERLOOP_META_CPU_KERNEL_TESTING_H_
#define OUTERLOOP_META_CPU_KERNEL_TESTING_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cpu/instruction_set.h"

namespace outerloop::meta::cpu {

template <typename S, InstructionSet kSet>
struct KernelCase {
  using Scalar = S;
  static constexpr InstructionSet kInstructionSet = kSet;
};

using KernelCases = testing::Types<
    KernelCase<float, InstructionSet::kAvx512>, KernelCase<double, InstructionSet::kAvx512>,
    KernelCase<float, InstructionSet::kAvx2>, KernelCase<double, InstructionSet::kAvx2>>;

struct KernelCaseName {
  template <typename Case>
  static std::string GetName(int) {
    const bool wide = Case::kInstructionSet == InstructionSet::kAvx512;
    return std::string(wide ? "Avx512" : "Avx2") +
           (std::is_same_v<typename Case::Scalar, float> ? "Float" : "Double");
  }
};

// Skips what the CPU lacks.
template <typename Case>
class KernelTest : public testing::Test {
 protected:
  using S = typename Case::Scalar;
  using Values = std::vector<S>;

  void SetUp() override {
    if (!IsAvailable(Case::kInstructionSet)) GTEST_SKIP() << "not on this CPU";
  }

  static const Kernels<S>& kernels() { return KernelsFor<S>(Case::kInstructionSet); }

  // Uniform over [-1, 1).
  Values Random(int64_t size) {
    std::uniform_real_distribution<double> uniform(-1, 1);
    Values values(static_cast<size_t>(size));
    for (S& value : values) value = static_cast<S>(uniform(generator_));
    return values;
  }

  // |a - b| <= tolerance max(1, max |b|), everywhere; the tolerance is for sums of some hundred.
  static void ExpectClose(const Values& actual, const std::vector<double>& expected) {
    constexpr double kTolerance = std::is_same_v<S, float> ? 1e-5 : 1e-13;
    ASSERT_EQ(actual.size(), expected.size());
    double scale = 1, error = 0;
    for (size_t i = 0; i < actual.size(); ++i) {
      scale = std::max(scale, std::abs(expected[i]));
      error = std::max(error, std::abs(static_cast<double>(actual[i]) - expected[i]));
    }
    EXPECT_LE(error, kTolerance * scale);
  }

 private:
  std::mt19937 generator_{17};
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_KERNEL_TESTING_H_
