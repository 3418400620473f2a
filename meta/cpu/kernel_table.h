// Fills the table of kernels.h for one kind of register. For files compiled for one instruction
// set.
#ifndef OUTERLOOP_META_CPU_KERNEL_TABLE_H_
#define OUTERLOOP_META_CPU_KERNEL_TABLE_H_

#include "meta/cpu/convolve_kernel.h"
#include "meta/cpu/kernels.h"
#include "meta/cpu/normalize_kernels.h"
#include "meta/cpu/pool_kernels.h"
#include "meta/cpu/transpose_kernel.h"
#include "meta/cpu/weight_gradient_kernel.h"

namespace outerloop::meta::cpu {

template <class V>
inline constexpr Kernels<typename V::Scalar> kKernelTable = {
    .lanes = V::kLanes,
    .convolve = Convolve<V>,
    .weight_gradient = ComputeWeightGradient<V>,
    .statistics = ComputeStatistics<V>,
    .normalize = ComputeNormalize<V>,
    .normalize_backward = ComputeNormalizeBackward<V>,
    .normalize_tangent = ComputeNormalizeTangent<V>,
    .normalize_tangent_backward = ComputeNormalizeTangentBackward<V>,
    .pool = ComputePool<V>,
    .pool_backward = ComputePoolBackward<V>,
    .transpose = TransposeMatrix<V>,
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_KERNEL_TABLE_H_
