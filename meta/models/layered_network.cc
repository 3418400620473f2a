#include "meta/models/layered_network.h"

#include <algorithm>
#include <utility>

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

std::map<std::string, InitialRange> InitialRangesOf(const std::vector<NamedLayer>& layers) {
  std::map<std::string, InitialRange> ranges;
  for (const NamedLayer& layer : layers) {
    for (const Layer::ParameterSpec& spec : layer.layer->parameters()) {
      ranges[FullName(layer, spec)] = spec.initial;
    }
  }
  return ranges;
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

LayeredNetwork::LayeredNetwork(std::vector<NamedLayer> layers)
    : layers_(std::move(layers)),
      layout_(LayoutOf(layers_)),
      initial_ranges_(InitialRangesOf(layers_)),
      entries_(EntriesOf(layers_, layout_)),
      first_(FirstWithParameters(layers_)) {}

torch::Tensor LayeredNetwork::Forward(const torch::Tensor& parameters, const torch::Tensor& inputs,
                                      Records& records) const {
  records.resize(layers_.size());
  torch::Tensor outputs = inputs;
  for (size_t i = 0; i < layers_.size(); ++i) {
    outputs = layers_[i].layer->Forward(ViewsOf(parameters, i), outputs, records[i]);
  }
  return outputs;
}

torch::Tensor LayeredNetwork::ForwardWithStatisticsOf(const Records& records,
                                                      const torch::Tensor& parameters,
                                                      const torch::Tensor& inputs) const {
  torch::Tensor outputs = inputs;
  for (size_t i = 0; i < layers_.size(); ++i) {
    outputs =
        layers_[i].layer->ForwardWithStatisticsOf(records[i], ViewsOf(parameters, i), outputs);
  }
  return outputs;
}

LayeredNetwork::Gradients LayeredNetwork::Backward(const torch::Tensor& output_gradient,
                                                   bool wants_inputs, Records& records) const {
  return TakeBack(output_gradient, wants_inputs,
                  [&](size_t index, const torch::Tensor& gradient, bool wants) {
                    return layers_[index].layer->Backward(gradient, wants, records[index]);
                  });
}

torch::Tensor LayeredNetwork::TangentForward(const torch::Tensor& direction, const Records& records,
                                             Records& tangents) const {
  tangents.resize(layers_.size());
  torch::Tensor tangent;  // Undefined: the inputs of layer first_ do not change.
  for (size_t i = first_; i < layers_.size(); ++i) {
    tangent =
        layers_[i].layer->TangentForward(ViewsOf(direction, i), tangent, records[i], tangents[i]);
  }
  return tangent;
}

torch::Tensor LayeredNetwork::TangentBackward(const torch::Tensor& output_gradient_tangent,
                                              const Records& records,
                                              const Records& tangents) const {
  return TakeBack(output_gradient_tangent, /*wants_inputs=*/false,
                  [&](size_t index, const torch::Tensor& gradient_tangent, bool wants) {
                    return layers_[index].layer->TangentBackward(gradient_tangent, wants,
                                                                 records[index], tangents[index]);
                  })
      .parameters;
}

bool LayeredNetwork::has_batch_statistics() const {
  return std::any_of(layers_.begin(), layers_.end(),
                     [](const NamedLayer& layer) { return layer.layer->has_batch_statistics(); });
}

Layer::Parameters LayeredNetwork::ViewsOf(const torch::Tensor& flat, size_t index) const {
  Layer::Parameters views;
  for (const ParameterLayout::Entry& entry : entries_[index]) views.push_back(View(flat, entry));
  return views;
}

LayeredNetwork::Gradients LayeredNetwork::TakeBack(torch::Tensor gradient, bool wants_inputs,
                                                   const BackwardRule& rule) const {
  const size_t last = wants_inputs ? 0 : first_;
  torch::Tensor flat = torch::empty({gradient.size(0), layout_.size()}, gradient.options());
  for (size_t i = layers_.size(); i-- > last;) {
    Layer::Gradients gradients = rule(i, gradient, wants_inputs || i > first_);
    for (size_t k = 0; k < entries_[i].size(); ++k) {
      View(flat, entries_[i][k]).copy_(gradients.parameters[k]);
    }
    gradient = std::move(gradients.inputs);
  }
  return {flat, gradient};
}

}  // namespace outerloop::meta
