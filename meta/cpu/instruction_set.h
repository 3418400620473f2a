// The instruction sets that there are kernels for, and their kernels.
#ifndef OUTERLOOP_META_CPU_INSTRUCTION_SET_H_
#define OUTERLOOP_META_CPU_INSTRUCTION_SET_H_

#include <optional>

#include "meta/cpu/kernels.h"

namespace outerloop::meta::cpu {

enum class InstructionSet {
  kAvx2,    // AVX2 with FMA: registers of 32 bytes.
  kAvx512,  // AVX-512 F, BW, DQ and VL: registers of 64 bytes.
};

// Whether this machine's CPU, and its operating system, have it.
bool IsAvailable(InstructionSet instruction_set);

// The widest that is available; none if there is none, and then there is no CPU back end.
std::optional<InstructionSet> BestInstructionSet();

// Of float or double. Callable only where `instruction_set` is available.
template <typename S>
const Kernels<S>& KernelsFor(InstructionSet instruction_set);

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_INSTRUCTION_SET_H_
