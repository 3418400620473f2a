// Compiled for AVX2 and FMA: see CMakeLists.txt.
#include "meta/cpu/kernel_table.h"
#include "meta/cpu/kernel_tables.h"
#include "meta/cpu/vector.h"

namespace outerloop::meta::cpu {

constexpr Kernels<float> kAvx2Float = kKernelTable<Vector<float, 32>>;
constexpr Kernels<double> kAvx2Double = kKernelTable<Vector<double, 32>>;

}  // namespace outerloop::meta::cpu
