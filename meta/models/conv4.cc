#include <string>
#include <utility>

#include "meta/models/layered_learner.h"
#include "meta/models/model.h"
#include "meta/ops/batch_norm.h"
#include "meta/ops/conv2d.h"
#include "meta/ops/cross_entropy.h"
#include "meta/ops/flatten.h"
#include "meta/ops/linear.h"
#include "meta/ops/relu.h"

namespace outerloop::meta {
namespace {

constexpr int kBlocks = 4;

// Of the block that takes `channels`.
Conv2dOptions Convolution(int64_t channels, int64_t filters) {
  return {.channels = channels, .filters = filters, .kernel = 3, .stride = 2, .padding = 1};
}

std::vector<NamedLayer> Block(int number, const Conv2dOptions& convolution) {
  const std::string name = "block" + std::to_string(number);
  return {{name + ".conv", MakeConv2d(convolution)},
          {name + ".norm", MakeBatchNorm({.channels = convolution.filters})},
          {"", MakeRelu()}};
}

}  // namespace

std::unique_ptr<const Learner> MakeConv4(const Conv4Options& options) {
  std::vector<NamedLayer> layers;
  int64_t channels = options.channels, height = options.height, width = options.width;
  for (int number = 1; number <= kBlocks; ++number) {
    const Conv2dOptions convolution = Convolution(channels, options.filters);
    for (NamedLayer& layer : Block(number, convolution)) layers.push_back(std::move(layer));
    channels = options.filters;
    height = Conv2dOutputSize(convolution, height);
    width = Conv2dOutputSize(convolution, width);
  }
  const int64_t features = channels * height * width;
  layers.push_back({"", MakeFlatten()});
  layers.push_back(
      {"linear", MakeLinear({.inputs = features,
                             .outputs = options.ways,
                             .initial_weight = GlorotUniform(features, options.ways)})});
  return std::make_unique<LayeredLearner>(std::move(layers), MakeCrossEntropy());
}

}  // namespace outerloop::meta
