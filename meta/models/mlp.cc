#include <string>
#include <utility>

#include "meta/models/layered_encoder.h"
#include "meta/models/layered_learner.h"
#include "meta/models/model.h"
#include "meta/ops/cross_entropy.h"
#include "meta/ops/flatten.h"
#include "meta/ops/linear.h"
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

NamedLayer NumberedLinear(size_t number, int64_t inputs, int64_t outputs, InitialWeights weights) {
  return {"linear" + std::to_string(number),
          MakeLinear(
              {.inputs = inputs, .outputs = outputs, .initial_weight = weights(inputs, outputs)})};
}

// Appends linear layers "linear1", "linear2", ..., each followed by a ReLU. Returns how many
// numbers come out.
int64_t AppendHidden(int64_t inputs, const std::vector<int64_t>& hidden, InitialWeights weights,
                     std::vector<NamedLayer>& layers) {
  size_t number = 0;
  for (const int64_t width : hidden) {
    layers.push_back(NumberedLinear(++number, inputs, width, weights));
    layers.push_back({"", MakeRelu()});
    inputs = width;
  }
  return inputs;
}

// The same, and a linear layer after them.
void AppendLinears(int64_t inputs, const std::vector<int64_t>& hidden, int64_t outputs,
                   InitialWeights hidden_weights, InitialWeights last_weights,
                   std::vector<NamedLayer>& layers) {
  const int64_t width = AppendHidden(inputs, hidden, hidden_weights, layers);
  layers.push_back(NumberedLinear(hidden.size() + 1, width, outputs, last_weights));
}

int64_t PixelsOf(const MlpClassificationOptions& options) {
  return options.channels * options.height * options.width;
}

}  // namespace

std::unique_ptr<const Learner> MakeMlpRegression(const MlpRegressionOptions& options) {
  std::vector<NamedLayer> layers;
  AppendLinears(options.inputs, options.hidden, OutputsOf(options.loss, options.outputs), Small,
                Small, layers);
  return std::make_unique<LayeredLearner>(std::move(layers), MakeLoss(options.loss));
}

std::unique_ptr<const Learner> MakeMlpClassification(const MlpClassificationOptions& options) {
  std::vector<NamedLayer> layers = {{"", MakeFlatten()}};
  AppendLinears(PixelsOf(options), options.hidden, options.ways, ForRelu, GlorotUniform, layers);
  return std::make_unique<LayeredLearner>(std::move(layers), MakeCrossEntropy());
}

std::unique_ptr<const Encoder> MakeMlpImageEncoder(const MlpClassificationOptions& options) {
  std::vector<NamedLayer> layers = {{"", MakeFlatten()}};
  const int64_t features = AppendHidden(PixelsOf(options), options.hidden, ForRelu, layers);
  return std::make_unique<LayeredEncoder>(std::move(layers), features);
}

std::unique_ptr<const Encoder> MakeMlpEncoder(const MlpEncoderOptions& options) {
  std::vector<NamedLayer> layers;
  AppendLinears(options.inputs, options.hidden, options.outputs, ForRelu, GlorotUniform, layers);
  return std::make_unique<LayeredEncoder>(std::move(layers), options.outputs);
}

}  // namespace outerloop::meta
