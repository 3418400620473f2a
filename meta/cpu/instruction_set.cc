#include "meta/cpu/instruction_set.h"

#include "meta/cpu/kernel_tables.h"

namespace outerloop::meta::cpu {

bool IsAvailable(InstructionSet instruction_set) {
  switch (instruction_set) {
    case InstructionSet::kAvx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case InstructionSet::kAvx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  }
  return false;
}

std::optional<InstructionSet> BestInstructionSet() {
  if (IsAvailable(InstructionSet::kAvx512)) return InstructionSet::kAvx512;
  if (IsAvailable(InstructionSet::kAvx2)) return InstructionSet::kAvx2;
  return std::nullopt;
}

template <>
const Kernels<float>& KernelsFor(InstructionSet instruction_set) {
  return instruction_set == InstructionSet::kAvx512 ? kAvx512Float : kAvx2Float;
}

template <>
const Kernels<double>& KernelsFor(InstructionSet instruction_set) {
  return instruction_set == InstructionSet::kAvx512 ? kAvx512Double : kAvx2Double;
}

}  // namespace outerloop::meta::cpu
