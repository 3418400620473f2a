// The four rules of a fused block beside those of its layers one after the other. For tests.
#ifndef OUTERLOOP_META_CUDA_NORMALIZED_RELU_TESTING_H_
#define OUTERLOOP_META_CUDA_NORMALIZED_RELU_TESTING_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "meta/cuda/normalized_relu.h"
#include "meta/ops/batch_norm.h"
#include "meta/ops/layer_testing.h"
#include "meta/ops/max_pool.h"
#include "meta/ops/relu.h"
#include "meta/ops/sequence.h"

namespace outerloop::meta::cuda {

// What MakeNormalizedRelu is, by LibTorch.
inline std::unique_ptr<const Layer> MakeOneByOne(const NormalizedReluOptions& options) {
  std::vector<NamedLayer> layers;
  layers.push_back({"", MakeBatchNorm({.channels = options.channels, .epsilon = options.epsilon})});
  layers.push_back({"", MakeRelu()});
  if (options.pools) layers.push_back({"", MakeMaxPool()});
  return MakeSequence(std::move(layers));
}

// With what `change` makes of each tensor.
template <typename Change>
LayerPoint Changed(LayerPoint point, const Change& change) {
  for (torch::Tensor& parameter : point.parameters) parameter = change(parameter);
  return {std::move(point.parameters), change(point.inputs), change(point.output_gradient)};
}

struct RuleResults {
  torch::Tensor outputs, tangent;
  Layer::Gradients gradients, gradient_tangents;
};

// All four rules at a point and along a direction.
inline RuleResults RunAll(const Layer& layer, const LayerPoint& point, const LayerPoint& direction,
                          bool wants_inputs = true) {
  Layer::Record record, tangent_record;
  RuleResults results;
  results.outputs = layer.Forward(point.parameters, point.inputs, record);
  results.gradients = layer.Backward(point.output_gradient, wants_inputs, record);
  results.tangent =
      layer.TangentForward(direction.parameters, direction.inputs, record, tangent_record);
  results.gradient_tangents =
      layer.TangentBackward(direction.output_gradient, wants_inputs, record, tangent_record);
  return results;
}

// Whatever devices they are on.
inline void ExpectGradientsClose(const Layer::Gradients& actual, const Layer::Gradients& expected,
                                 double tolerance, const std::string& what) {
  ASSERT_EQ(actual.inputs.defined(), expected.inputs.defined());
  if (actual.inputs.defined()) {
    ExpectClose(actual.inputs.cpu(), expected.inputs.cpu(), tolerance, what.c_str());
  }
  ASSERT_EQ(actual.parameters.size(), expected.parameters.size());
  for (size_t i = 0; i < actual.parameters.size(); ++i) {
    ExpectClose(actual.parameters[i].cpu(), expected.parameters[i].cpu(), tolerance,
                (what + " of parameters").c_str());
  }
}

inline void ExpectAllClose(const RuleResults& actual, const RuleResults& expected,
                           double tolerance) {
  ExpectClose(actual.outputs.cpu(), expected.outputs.cpu(), tolerance, "outputs");
  ExpectClose(actual.tangent.cpu(), expected.tangent.cpu(), tolerance, "tangent");
  ExpectGradientsClose(actual.gradients, expected.gradients, tolerance, "gradient");
  ExpectGradientsClose(actual.gradient_tangents, expected.gradient_tangents, tolerance,
                       "gradient's tangent");
}

}  // namespace outerloop::meta::cuda

#endif  // OUTERLOOP_META_CUDA_NORMALIZED_RELU_TESTING_H_
