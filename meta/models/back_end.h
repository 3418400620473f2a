// What computes a network's rules: the one place that chooses.
#ifndef OUTERLOOP_META_MODELS_BACK_END_H_
#define OUTERLOOP_META_MODELS_BACK_END_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "meta/cpu/instruction_set.h"

namespace outerloop::meta {

class Encoder;
class Learner;
struct Conv4Options;

namespace cuda {
class BlockKernels;
}

// The choice is a function of the back end and the network alone, so workers that name the same
// back end compute the same bits. A value; knows nothing of LibTorch before it makes a network.
class BackEnd {
 public:
  // LibTorch's operations for every network, on any device.
  BackEnd() = default;
  // meta/cpu's kernels for the networks that they can compute, LibTorch's operations for others.
  // For the CPU only, which has `instruction_set`.
  explicit BackEnd(cpu::InstructionSet instruction_set) : kernels_(instruction_set) {}

  // meta/cuda's kernels for the networks that they have layers of, LibTorch's operations for
  // others. For GPUs, where meta-gradients are to be recorded too. `kernels` is not null.
  explicit BackEnd(std::shared_ptr<const cuda::BlockKernels> kernels)
      : cuda_kernels_(std::move(kernels)) {}

  // "aten", "cpu-avx2", "cpu-avx512" or "cuda": what rounds differently has different names.
  std::string name() const;

  // Whether meta-gradients are to be recorded and replayed (meta/cuda/graphed_algorithm.h).
  bool records() const { return cuda_kernels_ != nullptr; }

  std::unique_ptr<const Learner> MakeConv4(const Conv4Options& options) const;
  std::unique_ptr<const Encoder> MakeConv4Encoder(const Conv4Options& options) const;

 private:
  std::optional<cpu::InstructionSet> kernels_;
  std::shared_ptr<const cuda::BlockKernels> cuda_kernels_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_BACK_END_H_
