#include "meta/cpu/conv4.h"

namespace outerloop::meta::cpu {

bool CanCompute(const Conv4Options& options, InstructionSet instruction_set) {
  return options.normalization.kind == Normalization::Kind::kBatch &&
         options.filters % KernelsFor<float>(instruction_set).lanes == 0;
}

BodyOptions BodyOptionsOf(const Conv4Options& options) {
  return {.channels = options.channels,
          .image = {options.height, options.width},
          .filters = options.filters,
          .stride = options.pooling == Pooling::kStrided ? 2 : 1,
          .takes_maxima = options.pooling == Pooling::kMax};
}

void CheckShard(const Conv4Options& options, const ParameterLayout& layout,
                const torch::Tensor& parameters, const torch::Tensor& inputs) {
  TORCH_CHECK(inputs.dim() == 5 && inputs.size(1) > 0 &&
                  inputs.sizes().slice(2) ==
                      torch::IntArrayRef({options.channels, options.height, options.width}),
              "inputs are ", inputs.sizes(), ", not [tasks, images, ", options.channels, ", ",
              options.height, ", ", options.width, "]");
  TORCH_CHECK(parameters.sizes() == torch::IntArrayRef({inputs.size(0), layout.size()}),
              "parameters are ", parameters.sizes(), ", not [", inputs.size(0), ", ", layout.size(),
              "]");
  TORCH_CHECK(inputs.is_cpu() && inputs.scalar_type() == parameters.scalar_type(),
              "inputs are not of the parameters' type");
}

}  // namespace outerloop::meta::cpu
