// The CPU back end of the four-block network without its last linear layer.
#ifndef OUTERLOOP_META_CPU_CONV4_ENCODER_H_
#define OUTERLOOP_META_CPU_CONV4_ENCODER_H_

#include <memory>

#include "meta/cpu/conv4.h"
#include "meta/models/encoder.h"

namespace outerloop::meta::cpu {

// MakeConv4Encoder's encoder, computed by this folder's kernels: same parameters, same features,
// other rounding. As MakeConv4Learner's learner in all else. A record keeps the patches and three
// values for every output of the later blocks; it serves any number of Backwards. Where the
// gradient of inputs is wanted, LibTorch's layers encode once more and compute it.
// CanCompute(options, instruction_set) holds, and the CPU has `instruction_set`.
std::unique_ptr<const Encoder> MakeConv4Encoder(const Conv4Options& options,
                                                InstructionSet instruction_set);

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_CONV4_ENCODER_H_
