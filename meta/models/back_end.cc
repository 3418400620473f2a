#include "meta/models/back_end.h"

#include "meta/cpu/conv4_encoder.h"
#include "meta/cpu/conv4_learner.h"
#include "meta/models/model.h"

namespace outerloop::meta {

std::string BackEnd::name() const {
  if (cuda_kernels_) return "cuda";
  if (!kernels_) return "aten";
  return *kernels_ == cpu::InstructionSet::kAvx512 ? "cpu-avx512" : "cpu-avx2";
}

std::unique_ptr<const Learner> BackEnd::MakeConv4(const Conv4Options& options) const {
  if (kernels_ && cpu::CanCompute(options, *kernels_)) {
    return cpu::MakeConv4Learner(options, *kernels_);
  }
  return meta::MakeConv4(options, cuda_kernels_);
}

std::unique_ptr<const Encoder> BackEnd::MakeConv4Encoder(const Conv4Options& options) const {
  if (kernels_ && cpu::CanCompute(options, *kernels_)) {
    return cpu::MakeConv4Encoder(options, *kernels_);
  }
  return meta::MakeConv4Encoder(options, cuda_kernels_);
}

}  // namespace outerloop::meta
