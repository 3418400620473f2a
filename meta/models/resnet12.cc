#include "meta/models/resnet12.h"

#include <string>
#include <utility>
#include <vector>

#include "meta/ops/flatten.h"
#include "meta/ops/global_average_pool.h"
#include "meta/ops/max_pool.h"
#include "meta/ops/relu.h"
#include "meta/ops/residual.h"

namespace outerloop::meta {
namespace {

constexpr double kNegativeSlope = 0.1;
constexpr int64_t kSmallest = 16;  // What four maxima leave a pixel of.
constexpr int kConvolutions = 3;   // Of a block, beside its shortcut.

NamedLayer Convolutions(int64_t channels, int64_t filters, const Normalization& normalization) {
  std::vector<NamedLayer> layers;
  for (int number = 1; number <= kConvolutions; ++number) {
    if (number > 1) layers.push_back({"", MakeRelu(kNegativeSlope)});
    AppendNormalizedConvolution(
        std::to_string(number),
        {.channels = channels, .filters = filters, .kernel = 3, .padding = 1}, normalization,
        layers);
    channels = filters;
  }
  return {"", MakeSequence(std::move(layers))};
}

NamedLayer Shortcut(int64_t channels, int64_t filters, const Normalization& normalization) {
  std::vector<NamedLayer> layers;
  AppendNormalizedConvolution("", {.channels = channels, .filters = filters, .kernel = 1},
                              normalization, layers);
  return {"shortcut", MakeSequence(std::move(layers))};
}

std::unique_ptr<const Layer> Block(int64_t channels, int64_t filters,
                                   const Normalization& normalization) {
  return MakeSequence({{"", MakeResidual(Convolutions(channels, filters, normalization),
                                         Shortcut(channels, filters, normalization))},
                       {"", MakeRelu(kNegativeSlope)},
                       {"", MakeMaxPool()}});
}

}  // namespace

FeatureLayers MakeResNet12(const ResNet12Options& options) {
  int64_t channels = options.channels, height = options.height, width = options.width;
  TORCH_CHECK_VALUE(height >= kSmallest && width >= kSmallest, "images of ", height, " x ", width,
                    " pixels are too small for resnet12; give ", kSmallest, " x ", kSmallest,
                    " or more");
  FeatureLayers network;
  for (const int64_t filters : options.filters) {
    network.layers.push_back({"block" + std::to_string(network.layers.size() + 1),
                              Block(channels, filters, options.normalization)});
    channels = filters;
    height /= 2;
    width /= 2;
  }
  network.layers.push_back({"", options.averages ? MakeGlobalAveragePool() : MakeFlatten()});
  network.features = options.averages ? channels : channels * height * width;
  return network;
}

}  // namespace outerloop::meta
