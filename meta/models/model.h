// The networks that are adapted, by their options.
#ifndef OUTERLOOP_META_MODELS_MODEL_H_
#define OUTERLOOP_META_MODELS_MODEL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "meta/models/encoder.h"
#include "meta/models/learner.h"
#include "meta/models/normalization.h"
#include "meta/models/regression.h"

namespace outerloop::meta {

namespace cuda {
class BlockKernels;
}

// How a block of Conv4 halves its images.
enum class Pooling {
  kStrided,  // By a convolution of stride 2: Omniglot in Finn et al. 2017, section 5.2.
  kMax,  // By a 2x2 maximum after ReLU, odd last rows and columns left out: mini-ImageNet there,
         // and the network of Vinyals et al. 2016 and Snell et al. 2017.
};

// Four blocks of 3x3 convolution (padding 1), normalisation, ReLU, perhaps a maximum; then linear
// to `ways` logits; cross-entropy.
struct Conv4Options {
  int64_t channels = 1;
  int64_t height = 28;  // Pixels, >= 1; with kMax >= 16.
  int64_t width = 28;
  int64_t filters = 64;
  int64_t ways = 5;
  Pooling pooling = Pooling::kStrided;
  Normalization normalization = {};
  InitialWeights initial_weights = InitialWeights::kHeUniform;
};
std::unique_ptr<const Learner> MakeConv4(const Conv4Options& options);
// The four blocks alone, flattened. `ways` is not used.
std::unique_ptr<const Encoder> MakeConv4Encoder(const Conv4Options& options);

// The same parameters, with batch normalisation, ReLU and the maximum as one layer that `kernels`
// compute (meta/cuda/normalized_relu.h). As above where they are null.
std::unique_ptr<const Learner> MakeConv4(const Conv4Options& options,
                                         const std::shared_ptr<const cuda::BlockKernels>& kernels);
std::unique_ptr<const Encoder> MakeConv4Encoder(
    const Conv4Options& options, const std::shared_ptr<const cuda::BlockKernels>& kernels);

// Linear layers with ReLU between; mean squared error (Finn et al. 2017, section 5.1: 2 x 40), or a
// Gaussian likelihood.
struct MlpRegressionOptions {
  int64_t inputs = 1;
  std::vector<int64_t> hidden = {40, 40};
  int64_t outputs = 1;  // Values that are predicted.
  RegressionLoss loss = RegressionLoss::kMeanSquaredError;
};
std::unique_ptr<const Learner> MakeMlpRegression(const MlpRegressionOptions& options);

// The same with cross-entropy over `ways` logits, for flattened images.
struct MlpClassificationOptions {
  int64_t channels = 1;
  int64_t height = 28;
  int64_t width = 28;
  std::vector<int64_t> hidden;
  int64_t ways = 5;
};
std::unique_ptr<const Learner> MakeMlpClassification(const MlpClassificationOptions& options);
// The hidden layers alone, a ReLU after each. `ways` is not used.
std::unique_ptr<const Encoder> MakeMlpImageEncoder(const MlpClassificationOptions& options);

// Linear layers with ReLU between, for vectors [T, N, inputs]; the last is linear.
struct MlpEncoderOptions {
  int64_t inputs = 1;
  std::vector<int64_t> hidden;
  int64_t outputs = 1;
};
std::unique_ptr<const Encoder> MakeMlpEncoder(const MlpEncoderOptions& options);

}  // namespace outerloop::meta

#endif  // OUTERLOOP_META_MODELS_MODEL_H_
