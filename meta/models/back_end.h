// What computes a network's rules: the one place that chooses.
#ifndef OUTERLOOP_META_MODELS_BACK_END_H_
#define OUTERLOOP_META_MODELS_BACK_END_H_

#include <memory>
#include <optional>
#include <string>

#include "meta/cpu/instruction_set.h"

namespace outerloop::meta {

class Encoder;
class Learner;
struct Conv4Options;

// The choice is a function of the back end and the network alone, so workers that name the same
// back end compute the same bits. A value; knows nothing of LibTorch before it makes a network.
class BackEnd {
 public:
  // LibTorch's operations for every network, on any device.
  BackEnd() = default;
  // meta/cpu's kernels for the networks that they can compute, LibTorch's operations for others.
  // For the CPU only, which has `instruction_set`.
  explicit BackEnd(cpu::InstructionSet instruction_set) : kernels_(instruction_set) {}

  // "aten", or "cpu-avx2", "cpu-avx512": what rounds differently has different names.
  std::string name() const;

  std::unique_ptr<const Learner> MakeConv4(const Conv4Options& options) const;
  std::unique_ptr<const Encoder> MakeConv4Encoder(const Conv4Options& options) const;

 private:
  std::optional<cpu::InstructionSet> kernels_;
};

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_BACK_END_H_
