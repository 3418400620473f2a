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

// Appends linear layers "linear1", "linear2", ... with ReLU between.
void AppendLinears(int64_t inputs, const std::vector<int64_t>& hidden, int64_t outputs,
                   std::vector<NamedLayer>& layers) {
  int number = 0;
  const auto name = [&number] { return "linear" + std::to_string(++number); };
  for (const int64_t width : hidden) {
    layers.push_back(
        {name(),
         MakeLinear({.inputs = inputs, .outputs = width, .initial_weight = HeUniform(inputs)})});
    layers.push_back({"", MakeRelu()});
    inputs = width;
  }
  layers.push_back({name(), MakeLinear({.inputs = inputs,
                                        .outputs = outputs,
                                        .initial_weight = GlorotUniform(inputs, outputs)})});
}

}  // namespace

std::unique_ptr<const Learner> MakeMlpRegression(const MlpRegressionOptions& options) {
  std::vector<NamedLayer> layers;
  AppendLinears(options.inputs, options.hidden, options.outputs, layers);
  return std::make_unique<LayeredLearner>(std::move(layers), MakeMeanSquaredError());
}

std::unique_ptr<const Learner> MakeMlpClassification(const MlpClassificationOptions& options) {
  std::vector<NamedLayer> layers = {{"", MakeFlatten()}};
  AppendLinears(options.channels * options.height * options.width, options.hidden, options.ways,
                layers);
  return std::make_unique<LayeredLearner>(std::move(layers), MakeCrossEntropy());
}

}  // namespace outerloop::meta
