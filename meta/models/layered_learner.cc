#include "meta/models/layered_learner.h"

#include <algorithm>
#include <map>
#include <utility>

#include "meta/initial_parameters.h"

namespace outerloop::meta {
namespace {

std::string FullName(const NamedLayer& layer, const Layer::ParameterSpec& spec) {
  return layer.name + "." + spec.name;
}

ParameterLayout LayoutOf(const std::vector<NamedLayer>& layers) {
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const NamedLayer& layer : layers) {
    for (const Layer::ParameterSpec& spec : layer.layer->parameters()) {
      const bool is_new = shapes.emplace(FullName(layer, spec), spec.shape).second;
      TORCH_CHECK(is_new, "two parameters are named ", FullName(layer, spec));
    }
  }
  return ParameterLayout(shapes);
}

std::vector<std::vector<ParameterLayout::Entry>> EntriesOf(const std::vector<NamedLayer>& layers,
                                                           const ParameterLayout& layout) {
  std::vector<std::vector<ParameterLayout::Entry>> entries;
  for (const NamedLayer& layer : layers) {
    entries.emplace_back();
    for (const Layer::ParameterSpec& spec : layer.layer->parameters()) {
      entries.back().push_back(layout.at(FullName(layer, spec)));
    }
  }
  return entries;
}

size_t FirstWithParameters(const std::vector<NamedLayer>& layers) {
  const auto first = std::find_if(layers.begin(), layers.end(), [](const NamedLayer& layer) {
    return !layer.layer->parameters().empty();
  });
  TORCH_CHECK(first != layers.end(), "no layer has parameters");
  return static_cast<size_t>(first - layers.begin());
}

}  // namespace

struct LayeredLearner::NetworkRecord : Learner::Record {
  LayerRecords layers;
  Loss::Record loss;
};

LayeredLearner::LayeredLearner(std::vector<NamedLayer> layers, std::shared_ptr<const Loss> loss)
    : layers_(std::move(layers)),
      loss_(std::move(loss)),
      layout_(LayoutOf(layers_)),
      entries_(EntriesOf(layers_, layout_)),
      first_(FirstWithParameters(layers_)) {}

torch::Tensor LayeredLearner::InitialParameters(uint64_t seed) const {
  std::map<std::string, InitialRange> ranges;
  for (const NamedLayer& layer : layers_) {
    for (const Layer::ParameterSpec& spec : layer.layer->parameters()) {
      ranges[FullName(layer, spec)] = spec.initial;
    }
  }
  return DrawInitialParameters(layout_, ranges, seed);
}

Learner::Derivative LayeredLearner::Differentiate(const torch::Tensor& parameters,
                                                  const torch::Tensor& inputs,
                                                  const torch::Tensor& targets) const {
  const torch::NoGradGuard no_autograd;
  auto record = std::make_unique<NetworkRecord>();
  Derivative derivative;
  derivative.outputs = Forward(parameters, inputs, record->layers);
  derivative.loss = loss_->Forward(derivative.outputs, targets, record->loss);
  derivative.gradient = Backward(
      loss_->Backward(record->loss),
      [&](size_t index, const torch::Tensor& output_gradient, bool wants_inputs) {
        return layers_[index].layer->Backward(output_gradient, wants_inputs, record->layers[index]);
      });
  derivative.record = std::move(record);
  return derivative;
}

torch::Tensor LayeredLearner::HessianVectorProduct(const Record& record,
                                                   const torch::Tensor& direction) const {
  const torch::NoGradGuard no_autograd;
  const auto& kept = dynamic_cast<const NetworkRecord&>(record);
  LayerRecords tangents(layers_.size());
  torch::Tensor tangent;  // Undefined: the inputs of layer first_ do not change.
  for (size_t i = first_; i < layers_.size(); ++i) {
    tangent = layers_[i].layer->TangentForward(ViewsOf(direction, i), tangent, kept.layers[i],
                                               tangents[i]);
  }
  return Backward(loss_->TangentBackward(tangent, kept.loss),
                  [&](size_t index, const torch::Tensor& gradient_tangent, bool wants_inputs) {
                    return layers_[index].layer->TangentBackward(
                        gradient_tangent, wants_inputs, kept.layers[index], tangents[index]);
                  });
}

torch::Tensor LayeredLearner::Predict(const torch::Tensor& parameters,
                                      const torch::Tensor& inputs) const {
  const torch::NoGradGuard no_autograd;
  LayerRecords unused;
  return Forward(parameters, inputs, unused);
}

torch::Tensor LayeredLearner::PredictInductively(const torch::Tensor& parameters,
                                                 const torch::Tensor& support_inputs,
                                                 const torch::Tensor& inputs) const {
  const torch::NoGradGuard no_autograd;
  LayerRecords support;
  Forward(parameters, support_inputs, support);
  torch::Tensor outputs = inputs;
  for (size_t i = 0; i < layers_.size(); ++i) {
    outputs =
        layers_[i].layer->ForwardWithStatisticsOf(support[i], ViewsOf(parameters, i), outputs);
  }
  return outputs;
}

bool LayeredLearner::has_batch_statistics() const {
  return std::any_of(layers_.begin(), layers_.end(),
                     [](const NamedLayer& layer) { return layer.layer->has_batch_statistics(); });
}

torch::Tensor LayeredLearner::Score(const torch::Tensor& outputs,
                                    const torch::Tensor& targets) const {
  const torch::NoGradGuard no_autograd;
  return loss_->Score(outputs, targets);
}

Layer::Parameters LayeredLearner::ViewsOf(const torch::Tensor& flat, size_t index) const {
  Layer::Parameters views;
  for (const ParameterLayout::Entry& entry : entries_[index]) views.push_back(View(flat, entry));
  return views;
}

torch::Tensor LayeredLearner::Forward(const torch::Tensor& parameters, const torch::Tensor& inputs,
                                      LayerRecords& records) const {
  records.resize(layers_.size());
  torch::Tensor outputs = inputs;
  for (size_t i = 0; i < layers_.size(); ++i) {
    outputs = layers_[i].layer->Forward(ViewsOf(parameters, i), outputs, records[i]);
  }
  return outputs;
}

torch::Tensor LayeredLearner::Backward(torch::Tensor gradient, const BackwardRule& rule) const {
  torch::Tensor flat = torch::empty({gradient.size(0), layout_.size()}, gradient.options());
  for (size_t i = layers_.size(); i-- > first_;) {
    Layer::Gradients gradients = rule(i, gradient, /*wants_inputs=*/i > first_);
    for (size_t k = 0; k < entries_[i].size(); ++k) {
      View(flat, entries_[i][k]).copy_(gradients.parameters[k]);
    }
    gradient = std::move(gradients.inputs);
  }
  return flat;
}

}  // namespace outerloop::meta
