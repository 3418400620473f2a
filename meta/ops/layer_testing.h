// Checks of a layer's four rules against each other and against central differences. For tests.
#ifndef OUTERLOOP_META_OPS_LAYER_TESTING_H_
#define OUTERLOOP_META_OPS_LAYER_TESTING_H_

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"
#include "meta/ops/layer.h"
#include "torch/torch.h"

namespace outerloop::meta {

inline constexpr double kDifferenceStep = 1e-5;
// Of central differences: the step squared, times third derivatives.
inline constexpr double kDifferenceTolerance = 1e-7;

// max |a - b| <= tolerance * max(1, max |b|).
inline void ExpectClose(const torch::Tensor& actual, const torch::Tensor& expected,
                        double tolerance, const char* what) {
  ASSERT_TRUE(actual.defined() && expected.defined()) << what;
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  const double scale = std::max(1.0, expected.abs().max().item<double>());
  const double error = (actual - expected).abs().max().item<double>();
  EXPECT_LE(error, tolerance * scale) << what;
}

// A point, or a direction, in the space of a layer's parameters, inputs and output gradients.
struct LayerPoint {
  Layer::Parameters parameters;
  torch::Tensor inputs;
  torch::Tensor output_gradient;
};

// Normal, in double precision, with different parameters for every task.
inline LayerPoint RandomPoint(const Layer& layer, const std::vector<int64_t>& input_sizes) {
  at::set_num_threads(1);  // More would only wait for each other.
  LayerPoint point;
  for (const Layer::ParameterSpec& spec : layer.parameters()) {
    std::vector<int64_t> sizes = spec.shape;
    sizes.insert(sizes.begin(), input_sizes[0]);
    point.parameters.push_back(torch::randn(sizes, torch::kDouble));
  }
  point.inputs = torch::randn(input_sizes, torch::kDouble);
  Layer::Record unused;
  point.output_gradient = torch::randn_like(layer.Forward(point.parameters, point.inputs, unused));
  return point;
}

inline LayerPoint Moved(const LayerPoint& point, const LayerPoint& direction, double by) {
  LayerPoint moved;
  for (size_t i = 0; i < point.parameters.size(); ++i) {
    moved.parameters.push_back(point.parameters[i] + by * direction.parameters[i]);
  }
  moved.inputs = point.inputs + by * direction.inputs;
  moved.output_gradient = point.output_gradient + by * direction.output_gradient;
  return moved;
}

inline torch::Tensor OutputsAt(const Layer& layer, const LayerPoint& point) {
  Layer::Record unused;
  return layer.Forward(point.parameters, point.inputs, unused);
}

// Backward's gradients: the parameters' and, last, the inputs'.
inline std::vector<torch::Tensor> GradientsAt(const Layer& layer, const LayerPoint& point) {
  Layer::Record record;
  layer.Forward(point.parameters, point.inputs, record);
  Layer::Gradients gradients = layer.Backward(point.output_gradient, /*wants_inputs=*/true, record);
  gradients.parameters.push_back(gradients.inputs);
  return gradients.parameters;
}

// The sum over everything but tasks, [T].
inline torch::Tensor TaskSum(const torch::Tensor& values) { return values.flatten(1).sum(1); }

inline void ExpectBackwardIsTheGradient(const Layer& layer, const LayerPoint& point,
                                        const LayerPoint& direction) {
  const auto value = [&](double by) {
    return TaskSum(OutputsAt(layer, Moved(point, direction, by)) * point.output_gradient);
  };
  const torch::Tensor expected =
      (value(kDifferenceStep) - value(-kDifferenceStep)) / (2 * kDifferenceStep);
  const std::vector<torch::Tensor> gradients = GradientsAt(layer, point);
  torch::Tensor actual = TaskSum(gradients.back() * direction.inputs);
  for (size_t i = 0; i < point.parameters.size(); ++i) {
    actual += TaskSum(gradients[i] * direction.parameters[i]);
  }
  ExpectClose(actual, expected, kDifferenceTolerance, "backward");
}

inline void ExpectTangentsAreDerivatives(const Layer& layer, const LayerPoint& point,
                                         const LayerPoint& direction) {
  const LayerPoint up = Moved(point, direction, kDifferenceStep);
  const LayerPoint down = Moved(point, direction, -kDifferenceStep);
  const auto difference = [](const torch::Tensor& a, const torch::Tensor& b) {
    return (a - b) / (2 * kDifferenceStep);
  };
  Layer::Record record, tangent_record;
  layer.Forward(point.parameters, point.inputs, record);
  layer.Backward(point.output_gradient, /*wants_inputs=*/true, record);
  ExpectClose(layer.TangentForward(direction.parameters, direction.inputs, record, tangent_record),
              difference(OutputsAt(layer, up), OutputsAt(layer, down)), kDifferenceTolerance,
              "tangent forward");

  const Layer::Gradients actual = layer.TangentBackward(
      direction.output_gradient, /*wants_inputs=*/true, record, tangent_record);
  const auto above = GradientsAt(layer, up), below = GradientsAt(layer, down);
  ASSERT_EQ(actual.parameters.size(), point.parameters.size());
  for (size_t i = 0; i < actual.parameters.size(); ++i) {
    ExpectClose(actual.parameters[i], difference(above[i], below[i]), kDifferenceTolerance,
                "tangent backward, parameters");
  }
  ExpectClose(actual.inputs, difference(above.back(), below.back()), kDifferenceTolerance,
              "tangent backward, inputs");
}

// A layer with parameters that stands first in a network gets no tangent and wants no gradient.
inline void ExpectConstantInputsAreLeftOut(const Layer& layer, const LayerPoint& point,
                                           const LayerPoint& direction) {
  Layer::Record record, whole_record, zero_record, none_record;
  layer.Forward(point.parameters, point.inputs, record);
  layer.Forward(point.parameters, point.inputs, whole_record);
  const Layer::Gradients gradients =
      layer.Backward(point.output_gradient, /*wants_inputs=*/false, record);
  const Layer::Gradients whole =
      layer.Backward(point.output_gradient, /*wants_inputs=*/true, whole_record);
  EXPECT_FALSE(gradients.inputs.defined());
  for (size_t i = 0; i < whole.parameters.size(); ++i) {
    ExpectClose(gradients.parameters[i], whole.parameters[i], 1e-12, "backward of constant inputs");
  }
  const torch::Tensor zero = torch::zeros_like(point.inputs);
  ExpectClose(layer.TangentForward(direction.parameters, {}, record, none_record),
              layer.TangentForward(direction.parameters, zero, whole_record, zero_record), 1e-12,
              "tangent forward of constant inputs");
  const Layer::Gradients none =
      layer.TangentBackward(direction.output_gradient, /*wants_inputs=*/false, record, none_record);
  const Layer::Gradients with_zero = layer.TangentBackward(
      direction.output_gradient, /*wants_inputs=*/true, whole_record, zero_record);
  EXPECT_FALSE(none.inputs.defined());
  for (size_t i = 0; i < none.parameters.size(); ++i) {
    ExpectClose(none.parameters[i], with_zero.parameters[i], 1e-12,
                "tangent backward of constant inputs");
  }
}

inline void ExpectTasksAreSeparate(const Layer& layer, const LayerPoint& point) {
  const torch::Tensor outputs = OutputsAt(layer, point);
  const std::vector<torch::Tensor> gradients = GradientsAt(layer, point);
  for (int64_t task = 0; task < point.inputs.size(0); ++task) {
    const auto alone = [task](const torch::Tensor& tasks) { return tasks.narrow(0, task, 1); };
    LayerPoint one{{}, alone(point.inputs), alone(point.output_gradient)};
    for (const torch::Tensor& parameter : point.parameters) {
      one.parameters.push_back(alone(parameter));
    }
    ExpectClose(OutputsAt(layer, one), alone(outputs), 1e-12, "outputs of one task");
    const std::vector<torch::Tensor> own = GradientsAt(layer, one);
    for (size_t i = 0; i < own.size(); ++i) {
      ExpectClose(own[i], alone(gradients[i]), 1e-12, "gradients of one task");
    }
  }
}

// All of the above where `point` is.
inline void ExpectRulesAreRight(const Layer& layer, const LayerPoint& point) {
  const LayerPoint direction = RandomPoint(layer, point.inputs.sizes().vec());
  ExpectBackwardIsTheGradient(layer, point, direction);
  ExpectTangentsAreDerivatives(layer, point, direction);
  ExpectTasksAreSeparate(layer, point);
  if (!point.parameters.empty()) ExpectConstantInputsAreLeftOut(layer, point, direction);
}

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_OPS_LAYER_TESTING_H_
