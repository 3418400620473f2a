// The CPU back end of the four-block network.
#ifndef OUTERLOOP_META_CPU_CONV4_LEARNER_H_
#define OUTERLOOP_META_CPU_CONV4_LEARNER_H_

#include <memory>

#include "meta/cpu/conv4.h"
#include "meta/models/learner.h"

namespace outerloop::meta::cpu {

// MakeConv4's learner, computed by this folder's kernels: same parameters, same mathematics, other
// rounding. Tensors are float or double, on the CPU. Tasks are computed one after the other in the
// calling thread, each in memory that stays in its core's cache; a task's bits depend on nothing
// but the task, the parameters and the instruction set. CanCompute(options, instruction_set) holds,
// and the CPU has `instruction_set`.
std::unique_ptr<const Learner> MakeConv4Learner(const Conv4Options& options,
                                                InstructionSet instruction_set);

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_CONV4_LEARNER_H_
