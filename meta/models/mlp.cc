#include <string>
#include <utility>

#include "meta/models/layered_learner.h"
#include "meta/models/model.h"
#include "meta/ops/cross_entropy.h"
#include "meta/ops/flatten.h"
#include "meta/ops/linear.h"
#include "meta/ops/mean_squared_error.h"
#include "meta/ops/relu.h"

namespace outerloop::meta {
namespace {

// The range of a layer's weights, by its inputs and outputs.
using InitialWeights = InitialRange (*)(int64_t inputs, int64_t outputs);

// Standard deviation 0.01 (a uniform's bound is sqrt(3) of them), as in the paper's published code
// for the sinusoid, whose inputs reach to +-5.
InitialRange Small(int64_t, int64_t) {
  constexpr double kBound = 0.01 * 1.7320508075688772;
  return {-kBound, kBound};
}

InitialRange ForRelu(int64_t inputs, int64_t) { return HeUniform(inputs); }

// Appends linear layers "linear1", "linear2", ... with ReLU between.
void AppendLinears(int64_t inputs, const std::vector<int64_t>& hidden, int64_t outputs,
                   InitialWeights hidden_weights, InitialWeights last_weights,
                   std::vector<NamedLayer>& layers) {
  int number = 0;
  const auto append = [&](int64_t width, InitialWeights weights) {
    layers.push_back(
        {"linear" + std::to_string(++number),
         MakeLinear(
             {.inputs = inputs, .outputs = width, .initial_weight = weights(inputs, width)})});
    inputs = width;
  };
  for (const int64_t width : hidden) {
    append(width, hidden_weights);
    layers.push_back({"", MakeRelu()});
  }
  append(outputs, last_weights);
}

}  // namespace

std::unique_ptr<const Learner> MakeMlpRegression(const MlpRegressionOptions& options) {
  std::vector<NamedLayer> layers;
  AppendLinears(options.inputs, options.hidden, options.outputs, Small, Small, layers);
  return std::make_unique<LayeredLearner>(std::move(layers), MakeMeanSquaredError());
}

std::unique_ptr<const Learner> MakeMlpClassification(const MlpClassificationOptions& options) {
  std::vector<NamedLayer> layers = {{"", MakeFlatten()}};
  AppendLinears(options.channels * options.height * options.width, options.hidden, options.ways,
                ForRelu, GlorotUniform, layers);
  return std::make_unique<LayeredLearner>(std::move(layers), MakeCrossEntropy());
}

}  // namespace outerloop::meta
