// The tables of kernels.h, each defined in a file that is compiled for its instruction set.
#ifndef OUTERLOOP_META_CPU_KERNEL_TABLES_H_
#define OUTERLOOP_META_CPU_KERNEL_TABLES_H_

#include "meta/cpu/kernels.h"

namespace outerloop::meta::cpu {

extern const Kernels<float> kAvx2Float;
extern const Kernels<double> kAvx2Double;
extern const Kernels<float> kAvx512Float;
extern const Kernels<double> kAvx512Double;

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_KERNEL_TABLES_H_
