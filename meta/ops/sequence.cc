#include "meta/ops/sequence.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace outerloop::meta {
namespace {

// Records of every layer.
using Records = std::vector<Layer::Record>;

// Where each layer's parameters begin among those of all, and where the last one's end.
std::vector<size_t> OffsetsOf(const std::vector<NamedLayer>& layers) {
  std::vector<size_t> offsets = {0};
  for (const NamedLayer& layer : layers) {
    offsets.push_back(offsets.back() + layer.layer->parameters().size());
  }
  return offsets;
}

class Sequence final : public Layer {
 public:
  explicit Sequence(std::vector<NamedLayer> layers)
      : layers_(std::move(layers)), offsets_(OffsetsOf(layers_)), first_(FirstWithParameters()) {}

  std::vector<ParameterSpec> parameters() const override {
    std::vector<ParameterSpec> all;
    for (const NamedLayer& layer : layers_) {
      for (ParameterSpec spec : layer.layer->parameters()) {
        if (!layer.name.empty()) spec.name = layer.name + "." + spec.name;
        all.push_back(std::move(spec));
      }
    }
    return all;
  }

  torch::Tensor Forward(const Parameters& parameters, const torch::Tensor& inputs,
                        Record& record) const override {
    Records records(layers_.size());
    torch::Tensor outputs = inputs;
    for (size_t i = 0; i < layers_.size(); ++i) {
      outputs = layers_[i].layer->Forward(Of(i, parameters), outputs, records[i]);
    }
    record = std::move(records);
    return outputs;
  }

  Gradients Backward(const torch::Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    auto& records = std::any_cast<Records&>(record);
    return TakeBack(output_gradient, wants_inputs,
                    [&](size_t i, const torch::Tensor& gradient, bool wants) {
                      return layers_[i].layer->Backward(gradient, wants, records[i]);
                    });
  }

  torch::Tensor TangentForward(const Parameters& parameter_tangent,
                               const torch::Tensor& input_tangent, const Record& record,
                               Record& tangent_record) const override {
    const auto& records = std::any_cast<const Records&>(record);
    Records tangents(layers_.size());
    torch::Tensor tangent = input_tangent;
    for (size_t i = input_tangent.defined() ? 0 : first_; i < layers_.size(); ++i) {
      tangent = layers_[i].layer->TangentForward(Of(i, parameter_tangent), tangent, records[i],
                                                 tangents[i]);
    }
    tangent_record = std::move(tangents);
    return tangent;
  }

  Gradients TangentBackward(const torch::Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    const auto& records = std::any_cast<const Records&>(record);
    const auto& tangents = std::any_cast<const Records&>(tangent_record);
    return TakeBack(output_gradient_tangent, wants_inputs,
                    [&](size_t i, const torch::Tensor& gradient, bool wants) {
                      return layers_[i].layer->TangentBackward(gradient, wants, records[i],
                                                               tangents[i]);
                    });
  }

  bool has_batch_statistics() const override {
    return std::any_of(layers_.begin(), layers_.end(),
                       [](const NamedLayer& layer) { return layer.layer->has_batch_statistics(); });
  }

  torch::Tensor ForwardWithStatisticsOf(const Record& record, const Parameters& parameters,
                                        const torch::Tensor& inputs) const override {
    const auto& records = std::any_cast<const Records&>(record);
    torch::Tensor outputs = inputs;
    for (size_t i = 0; i < layers_.size(); ++i) {
      outputs = layers_[i].layer->ForwardWithStatisticsOf(records[i], Of(i, parameters), outputs);
    }
    return outputs;
  }

 private:
  // A backward rule of layer `i`, given the gradient of its outputs.
  using BackwardRule =
      std::function<Gradients(size_t i, const torch::Tensor& output_gradient, bool wants_inputs)>;

  size_t FirstWithParameters() const {
    const auto first = std::find_if(layers_.begin(), layers_.end(), [](const NamedLayer& layer) {
      return !layer.layer->parameters().empty();
    });
    return static_cast<size_t>(first - layers_.begin());
  }

  // Those of layer `i`.
  Parameters Of(size_t i, const Parameters& all) const {
    const auto begin = all.begin();
    return {begin + static_cast<std::ptrdiff_t>(offsets_[i]),
            begin + static_cast<std::ptrdiff_t>(offsets_[i + 1])};
  }

  // Takes the outputs' gradient, or its tangent, backwards through `rule` of every layer; of those
  // before the first with parameters only if the inputs' gradient is wanted.
  Gradients TakeBack(torch::Tensor gradient, bool wants_inputs, const BackwardRule& rule) const {
    Gradients all{{}, Parameters(offsets_.back())};
    const size_t last = wants_inputs ? 0 : first_;
    for (size_t i = layers_.size(); i-- > last;) {
      Gradients own = rule(i, gradient, wants_inputs || i > first_);
      std::move(own.parameters.begin(), own.parameters.end(),
                all.parameters.begin() + static_cast<std::ptrdiff_t>(offsets_[i]));
      gradient = std::move(own.inputs);
    }
    if (wants_inputs) all.inputs = std::move(gradient);
    return all;
  }

  const std::vector<NamedLayer> layers_;
  const std::vector<size_t> offsets_;  // One more than layers.
  const size_t first_;  // Of the layers that have parameters: what comes before it may be constant.
};

}  // namespace

std::unique_ptr<const Layer> MakeSequence(std::vector<NamedLayer> layers) {
  return std::make_unique<Sequence>(std::move(layers));
}

}  // namespace outerloop::meta
