#include "meta/models/sequential.h"

#include <string>
#include <utility>
#include <vector>

#include "common/network_shape.h"
#include "meta/ops/conv2d.h"
#include "meta/ops/flatten.h"
#include "meta/ops/global_average_pool.h"
#include "meta/ops/linear.h"
#include "meta/ops/max_pool.h"
#include "meta/ops/relu.h"
#include "meta/ops/residual.h"

namespace outerloop::meta {
namespace {

using LayerPtr = std::unique_ptr<const Layer>;

LayerPtr Listed(const Layers& layers, ExampleShape shape);

LayerPtr Identity() { return MakeSequence({}); }

LayerPtr Convolution(const v1::Convolution& convolution, const ExampleShape& inputs) {
  return MakeConv2d({.channels = inputs[0],
                     .filters = convolution.filters(),
                     .kernel = convolution.kernel_size(),
                     .stride = convolution.stride(),
                     .padding = convolution.padding(),
                     .bias = convolution.bias()});
}

LayerPtr Normalized(const v1::Normalization& normalization, const ExampleShape& inputs) {
  LayerPtr layer = MakeNormalization(NormalizationOf(normalization), inputs[0]);
  return layer == nullptr ? Identity() : std::move(layer);
}

LayerPtr Flattened(const ExampleShape& inputs) {
  return IsImage(inputs) ? MakeFlatten() : Identity();
}

LayerPtr FlatLinear(const v1::Linear& linear, const ExampleShape& inputs) {
  const int64_t values = ValuesOf(inputs);
  return MakeSequence({{"", Flattened(inputs)},
                       {"", MakeLinear({.inputs = values,
                                        .outputs = linear.units(),
                                        .initial_weight = HeUniform(values)})}});
}

LayerPtr OfKind(const v1::Layer& layer, const ExampleShape& inputs) {
  switch (layer.kind_case()) {
    case v1::Layer::kConvolution:
      return Convolution(layer.convolution(), inputs);
    case v1::Layer::kNormalization:
      return Normalized(layer.normalization(), inputs);
    case v1::Layer::kRelu:
      return MakeRelu(layer.relu().negative_slope());
    case v1::Layer::kMaxPool:
      return MakeMaxPool();
    case v1::Layer::kGlobalAveragePool:
      return MakeGlobalAveragePool();
    case v1::Layer::kFlatten:
      return Flattened(inputs);
    case v1::Layer::kLinear:
      return FlatLinear(layer.linear(), inputs);
    case v1::Layer::kResidual:
      return MakeResidual({"layers", Listed(layer.residual().layers(), inputs)},
                          {"shortcut", Listed(layer.residual().shortcut(), inputs)});
    case v1::Layer::KIND_NOT_SET:
      break;
  }
  TORCH_CHECK_VALUE(false, "a layer of no kind");
}

// Of what OutputShape takes.
LayerPtr Listed(const Layers& layers, ExampleShape shape) {
  std::vector<NamedLayer> made;
  for (const v1::Layer& layer : layers) {
    made.push_back({std::to_string(made.size()), OfKind(layer, shape)});
    shape = OutputShape(/*path=*/"", layer, shape).value();
  }
  return MakeSequence(std::move(made));
}

}  // namespace

Normalization NormalizationOf(const v1::Normalization& normalization) {
  switch (normalization.kind_case()) {
    case v1::Normalization::kGroup:
      return {.kind = Normalization::Kind::kGroup, .groups = normalization.group().groups()};
    case v1::Normalization::kNone:
      return {.kind = Normalization::Kind::kNone};
    case v1::Normalization::kBatch:
    case v1::Normalization::KIND_NOT_SET:
      break;
  }
  return {};
}

FeatureLayers MakeSequential(const v1::Sequential& network, const ExampleShape& inputs) {
  const auto outputs = OutputShape("model.sequential.layers", network.layers(), inputs);
  TORCH_CHECK_VALUE(outputs.ok(), std::string(outputs.status().message()));
  return {{{"layers", Listed(network.layers(), inputs)}, {"", Flattened(*outputs)}},
          ValuesOf(*outputs)};
}

}  // namespace outerloop::meta
