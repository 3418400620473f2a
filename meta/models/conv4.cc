#include <string>
#include <utility>

#include "meta/cuda/normalized_relu.h"
#include "meta/models/feature_layers.h"
#include "meta/models/model.h"
#include "meta/models/normalization.h"
#include "meta/ops/cross_entropy.h"
#include "meta/ops/flatten.h"
#include "meta/ops/max_pool.h"
#include "meta/ops/relu.h"

namespace outerloop::meta {
namespace {

constexpr int kBlocks = 4;

// Of the block that takes `channels`.
Conv2dOptions Convolution(int64_t channels, const Conv4Options& options) {
  return {.channels = channels,
          .filters = options.filters,
          .kernel = 3,
          .stride = options.pooling == Pooling::kStrided ? 2 : 1,
          .padding = 1,
          .initial_weights = options.initial_weights};
}

using Kernels = std::shared_ptr<const cuda::BlockKernels>;

NamedLayer Block(int number, const Conv2dOptions& convolution, const Conv4Options& options,
                 const Kernels& kernels) {
  const bool pools = options.pooling == Pooling::kMax;
  std::vector<NamedLayer> layers;
  if (kernels && options.normalization.kind == Normalization::Kind::kBatch) {
    layers.push_back({"conv", MakeConv2d(convolution)});
    layers.push_back({"norm", cuda::MakeNormalizedRelu(
                                  {.channels = convolution.filters, .pools = pools}, kernels)});
  } else {
    AppendNormalizedConvolution("", convolution, options.normalization, layers);
    layers.push_back({"", MakeRelu()});
    if (pools) layers.push_back({"", MakeMaxPool()});
  }
  return {"block" + std::to_string(number), MakeSequence(std::move(layers))};
}

// Of a block's outputs, one way, where `size` pixels go in.
int64_t OutputSize(const Conv2dOptions& convolution, Pooling pooling, int64_t size) {
  const int64_t convolved = Conv2dOutputSize(convolution, size);
  return pooling == Pooling::kMax ? convolved / 2 : convolved;
}

FeatureLayers MakeBlocks(const Conv4Options& options, const Kernels& kernels) {
  std::vector<NamedLayer> layers;
  int64_t channels = options.channels, height = options.height, width = options.width;
  const int64_t smallest = options.pooling == Pooling::kMax ? 1 << kBlocks : 1;
  TORCH_CHECK_VALUE(height >= smallest && width >= smallest, "images of ", height, " x ", width,
                    " pixels are too small for conv4; give ", smallest, " x ", smallest,
                    " or more");
  for (int number = 1; number <= kBlocks; ++number) {
    const Conv2dOptions convolution = Convolution(channels, options);
    layers.push_back(Block(number, convolution, options, kernels));
    channels = options.filters;
    height = OutputSize(convolution, options.pooling, height);
    width = OutputSize(convolution, options.pooling, width);
  }
  layers.push_back({"", MakeFlatten()});
  return {std::move(layers), channels * height * width};
}

}  // namespace

std::unique_ptr<const Learner> MakeConv4(const Conv4Options& options, const Kernels& kernels) {
  return MakeLearner(MakeBlocks(options, kernels), options.ways, MakeCrossEntropy());
}

std::unique_ptr<const Encoder> MakeConv4Encoder(const Conv4Options& options,
                                                const Kernels& kernels) {
  return MakeEncoder(MakeBlocks(options, kernels));
}

std::unique_ptr<const Learner> MakeConv4(const Conv4Options& options) {
  return MakeConv4(options, /*kernels=*/nullptr);
}

std::unique_ptr<const Encoder> MakeConv4Encoder(const Conv4Options& options) {
  return MakeConv4Encoder(options, /*kernels=*/nullptr);
}

}  // namespace outerloop::meta
