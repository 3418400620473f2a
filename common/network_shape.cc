#include "common/network_shape.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/refusal.h"
#include "common/status_macros.h"

namespace outerloop {
namespace {

using ShapeOr = absl::StatusOr<ExampleShape>;

std::string Describe(const ExampleShape& shape) {
  if (!IsImage(shape)) return absl::StrCat(shape[0], " values");
  return absl::StrCat("images of ", absl::StrJoin(shape, " x "), " (channels, height, width)");
}

absl::Status CheckImages(const std::string& path, const ExampleShape& inputs) {
  if (IsImage(inputs)) return absl::OkStatus();
  return Refuse(path, "a layer of images",
                absl::StrCat("linear or relu: its inputs are ", Describe(inputs)));
}

int64_t ConvolvedSize(const v1::Convolution& convolution, int64_t size) {
  return (size + 2 * convolution.padding() - convolution.kernel_size()) / convolution.stride() + 1;
}

ShapeOr OfConvolution(const std::string& path, const v1::Convolution& convolution,
                      const ExampleShape& inputs) {
  RETURN_IF_ERROR(CheckImages(path, inputs));
  if (convolution.padding() >= convolution.kernel_size()) {
    return Refuse(path + ".padding", absl::StrCat(convolution.padding()),
                  absl::StrCat("less than kernel_size, ", convolution.kernel_size()));
  }
  const int64_t largest = std::min(inputs[1], inputs[2]) + 2 * convolution.padding();
  if (convolution.kernel_size() > largest) {
    return Refuse(path + ".kernel_size", absl::StrCat(convolution.kernel_size()),
                  absl::StrCat("at most ", largest, ": its inputs are ", Describe(inputs)));
  }
  return ExampleShape{convolution.filters(), ConvolvedSize(convolution, inputs[1]),
                      ConvolvedSize(convolution, inputs[2])};
}

ShapeOr OfNormalization(const std::string& path, const v1::Normalization& normalization,
                        const ExampleShape& inputs) {
  RETURN_IF_ERROR(CheckImages(path, inputs));
  RETURN_IF_ERROR(CheckGroups(path, normalization, inputs[0]));
  return inputs;
}

ShapeOr OfMaxPool(const std::string& path, const ExampleShape& inputs) {
  RETURN_IF_ERROR(CheckImages(path, inputs));
  if (std::min(inputs[1], inputs[2]) < 2) {
    return Refuse(path, "a maximum of 2 x 2 pixels",
                  absl::StrCat("none: its inputs are ", Describe(inputs)));
  }
  return ExampleShape{inputs[0], inputs[1] / 2, inputs[2] / 2};
}

ShapeOr OfGlobalAveragePool(const std::string& path, const ExampleShape& inputs) {
  RETURN_IF_ERROR(CheckImages(path, inputs));
  return ExampleShape{inputs[0]};
}

ShapeOr OfLinear(const std::string& path, const v1::Linear& linear, const ExampleShape& inputs) {
  const int64_t most = kMaxLinearWeights / ValuesOf(inputs);
  if (linear.units() > most) {
    return Refuse(path + ".units", absl::StrCat(linear.units()),
                  absl::StrCat("at most ", most, ": its inputs are ", Describe(inputs)));
  }
  return ExampleShape{linear.units()};
}

absl::Status CheckNoResidual(const std::string& path, const Layers& layers) {
  for (int i = 0; i < layers.size(); ++i) {
    if (!layers[i].has_residual()) continue;
    return Refuse(absl::StrCat(path, "[", i, "].residual"), "a residual layer within another",
                  "other layers");
  }
  return absl::OkStatus();
}

ShapeOr OfResidual(const std::string& path, const v1::Residual& residual,
                   const ExampleShape& inputs) {
  RETURN_IF_ERROR(CheckNoResidual(path + ".layers", residual.layers()));
  RETURN_IF_ERROR(CheckNoResidual(path + ".shortcut", residual.shortcut()));
  ASSIGN_OR_RETURN(const ExampleShape layers,
                   OutputShape(path + ".layers", residual.layers(), inputs));
  ASSIGN_OR_RETURN(const ExampleShape shortcut,
                   OutputShape(path + ".shortcut", residual.shortcut(), inputs));
  if (layers == shortcut) return layers;
  return Refuse(path, absl::StrCat("a sum of ", Describe(layers), " and ", Describe(shortcut)),
                "layers and a shortcut whose outputs have one shape");
}

ShapeOr OfKind(const std::string& path, const v1::Layer& layer, const ExampleShape& inputs) {
  switch (layer.kind_case()) {
    case v1::Layer::kConvolution:
      return OfConvolution(path + ".convolution", layer.convolution(), inputs);
    case v1::Layer::kNormalization:
      return OfNormalization(path + ".normalization", layer.normalization(), inputs);
    case v1::Layer::kMaxPool:
      return OfMaxPool(path + ".max_pool", inputs);
    case v1::Layer::kGlobalAveragePool:
      return OfGlobalAveragePool(path + ".global_average_pool", inputs);
    case v1::Layer::kFlatten:
      return ExampleShape{ValuesOf(inputs)};
    case v1::Layer::kLinear:
      return OfLinear(path + ".linear", layer.linear(), inputs);
    case v1::Layer::kResidual:
      return OfResidual(path + ".residual", layer.residual(), inputs);
    case v1::Layer::kRelu:
    case v1::Layer::KIND_NOT_SET:
      break;
  }
  return inputs;
}

bool IsLearned(const v1::Layer& layer) {
  if (layer.has_residual()) {
    return HasParameters(layer.residual().layers()) || HasParameters(layer.residual().shortcut());
  }
  return layer.has_convolution() || layer.has_linear() ||
         (layer.has_normalization() && !layer.normalization().has_none());
}

}  // namespace

absl::Status CheckGroups(const std::string& path, const v1::Normalization& normalization,
                         int64_t channels) {
  if (!normalization.has_group()) return absl::OkStatus();
  const int64_t groups = normalization.group().groups();
  if (channels % groups == 0) return absl::OkStatus();
  return Refuse(path + ".group.groups", absl::StrCat(groups),
                absl::StrCat("a divisor of the number of channels there, ", channels));
}

absl::StatusOr<ExampleShape> OutputShape(const std::string& path, const v1::Layer& layer,
                                         const ExampleShape& inputs) {
  ASSIGN_OR_RETURN(ExampleShape outputs, OfKind(path, layer, inputs));
  if (ValuesOf(outputs) <= kMaxExampleValues) return outputs;
  return Refuse(path, Describe(outputs),
                absl::StrCat("less: an example has at most ", kMaxExampleValues, " values"));
}

absl::StatusOr<ExampleShape> OutputShape(const std::string& path, const Layers& layers,
                                         const ExampleShape& inputs) {
  ExampleShape shape = inputs;
  for (int i = 0; i < layers.size(); ++i) {
    ASSIGN_OR_RETURN(shape, OutputShape(absl::StrCat(path, "[", i, "]"), layers[i], shape));
  }
  return shape;
}

bool HasParameters(const Layers& layers) {
  return std::any_of(layers.begin(), layers.end(), IsLearned);
}

}  // namespace outerloop
