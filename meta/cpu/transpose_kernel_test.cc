#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cpu/kernel_testing.h"

namespace outerloop::meta::cpu {
namespace {

template <typename Case>
class TransposeKernelTest : public KernelTest<Case> {};

TYPED_TEST_SUITE(TransposeKernelTest, KernelCases, KernelCaseName);

// Rows in any order, with gaps; sizes that whole tiles do and do not make up.
TYPED_TEST(TransposeKernelTest, PutsEveryValueInItsPlace) {
  for (const auto& [rows, columns] : std::vector<std::pair<int64_t, int64_t>>{
           {16, 16}, {64, 48}, {5, 32}, {33, 9}, {1, 1}, {64, 576}}) {
    std::vector<int32_t> from_rows, to_rows;
    for (int64_t i = 0; i < rows; ++i) from_rows.push_back(static_cast<int32_t>(i * (columns + 3)));
    for (int64_t j = 0; j < columns; ++j) {
      to_rows.push_back(static_cast<int32_t>((columns - 1 - j) * rows));
    }
    const auto from = this->Random(rows * (columns + 3));
    typename TestFixture::Values to(static_cast<size_t>(rows * columns));
    this->kernels().transpose(
        {rows, columns, from.data(), from_rows.data(), to.data(), to_rows.data()});
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        ASSERT_EQ(to[to_rows[j] + i], from[from_rows[i] + j]) << i << ", " << j;
      }
    }
  }
}

}  // namespace
}  // namespace outerloop::meta::cpu
