// The four-block network as this folder computes it: what its learner and its encoder share.
#ifndef OUTERLOOP_META_CPU_CONV4_H_
#define OUTERLOOP_META_CPU_CONV4_H_

#include "meta/cpu/body.h"
#include "meta/cpu/instruction_set.h"
#include "meta/models/model.h"
#include "meta/parameters.h"
#include "torch/torch.h"

namespace outerloop::meta::cpu {

// Whether there are kernels for the network: batch normalisation, and filters in whole registers (a
// multiple of 16 with AVX-512, of 8 with AVX2; in double precision half of that would do).
bool CanCompute(const Conv4Options& options, InstructionSet instruction_set);

BodyOptions BodyOptionsOf(const Conv4Options& options);

// Throws c10::Error unless `inputs` are images [tasks, images, channels, height, width] of the
// network and `parameters` [tasks, P] of `layout`, both on the CPU and of one type.
void CheckShard(const Conv4Options& options, const ParameterLayout& layout,
                const torch::Tensor& parameters, const torch::Tensor& inputs);

// Something that there is once for float and once for double.
template <template <typename> class T>
class ForEitherType {
 public:
  // Each is made of `arguments` and its kernels.
  template <typename... Arguments>
  explicit ForEitherType(InstructionSet instruction_set, const Arguments&... arguments)
      : float_(arguments..., KernelsFor<float>(instruction_set)),
        double_(arguments..., KernelsFor<double>(instruction_set)) {}

  // What use(T<S>) returns, S being the type of `values`, which are on the CPU.
  template <typename Use>
  auto With(const torch::Tensor& values, const Use& use) const {
    TORCH_CHECK(values.is_cpu(), "the cpu back end computes on the CPU only");
    if (values.scalar_type() == torch::kFloat) return use(float_);
    TORCH_CHECK(values.scalar_type() == torch::kDouble,
                "the cpu back end computes in float or double, not ", values.scalar_type());
    return use(double_);
  }

 private:
  const T<float> float_;
  const T<double> double_;
};

}  // namespace outerloop::meta::cpu

#endif  // OUTERLOOP_META_CPU_CONV4_H_
