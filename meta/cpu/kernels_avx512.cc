// Compiled for AVX-512: see CMakeLists.txt.
#include "meta/cpu/kernel_table.h"
#include "meta/cpu/kernel_tables.h"
#include "meta/cpu/vector.h"

namespace outerloop::meta::cpu {

constexpr Kernels<float> kAvx512Float = kKernelTable<Vector<float, 64>>;
constexpr Kernels<double> kAvx512Double = kKernelTable<Vector<double, 64>>;

}  // namespace outerloop::meta::cpu
