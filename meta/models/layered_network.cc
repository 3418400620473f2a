#include "meta/models/layered_network.h"

#include <utility>

namespace outerloop::meta {
namespace {

ParameterLayout LayoutOf(const Layer& layer) {
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const Layer::ParameterSpec& spec : layer.parameters()) {
    const bool is_new = shapes.emplace(spec.name, spec.shape).second;
    TORCH_CHECK(is_new, "two parameters are named ", spec.name);
  }
  TORCH_CHECK(!shapes.empty(), "no layer has parameters");
  return ParameterLayout(shapes);
}

std::map<std::string, InitialRange> InitialRangesOf(const Layer& layer) {
  std::map<std::string, InitialRange> ranges;
  for (const Layer::ParameterSpec& spec : layer.parameters()) ranges[spec.name] = spec.initial;
  return ranges;
}

std::vector<ParameterLayout::Entry> EntriesOf(const Layer& layer, const ParameterLayout& layout) {
  std::vector<ParameterLayout::Entry> entries;
  for (const Layer::ParameterSpec& spec : layer.parameters()) {
    entries.push_back(layout.at(spec.name));
  }
  return entries;
}

}  // namespace

LayeredNetwork::LayeredNetwork(std::vector<NamedLayer> layers)
    : layers_(MakeSequence(std::move(layers))),
      layout_(LayoutOf(*layers_)),
      initial_ranges_(InitialRangesOf(*layers_)),
      entries_(EntriesOf(*layers_, layout_)) {}

std::vector<std::string> LayeredNetwork::normalization_parameters() const {
  std::vector<std::string> names;
  for (const Layer::ParameterSpec& spec : layers_->parameters()) {
    if (spec.normalizes) names.push_back(spec.name);
  }
  return names;
}

torch::Tensor LayeredNetwork::Forward(const torch::Tensor& parameters, const torch::Tensor& inputs,
                                      Record& record) const {
  return layers_->Forward(ViewsOf(parameters), inputs, record);
}

torch::Tensor LayeredNetwork::ForwardWithStatisticsOf(const Record& record,
                                                      const torch::Tensor& parameters,
                                                      const torch::Tensor& inputs) const {
  return layers_->ForwardWithStatisticsOf(record, ViewsOf(parameters), inputs);
}

LayeredNetwork::Gradients LayeredNetwork::Backward(const torch::Tensor& output_gradient,
                                                   bool wants_inputs, Record& record) const {
  const Layer::Gradients gradients = layers_->Backward(output_gradient, wants_inputs, record);
  return {Flat(gradients.parameters), gradients.inputs};
}

torch::Tensor LayeredNetwork::TangentForward(const torch::Tensor& direction, const Record& record,
                                             Record& tangent) const {
  // Undefined: the inputs do not change.
  return layers_->TangentForward(ViewsOf(direction), /*input_tangent=*/{}, record, tangent);
}

torch::Tensor LayeredNetwork::TangentBackward(const torch::Tensor& output_gradient_tangent,
                                              const Record& record, const Record& tangent) const {
  return Flat(
      layers_->TangentBackward(output_gradient_tangent, /*wants_inputs=*/false, record, tangent)
          .parameters);
}

Layer::Parameters LayeredNetwork::ViewsOf(const torch::Tensor& flat) const {
  Layer::Parameters views;
  for (const ParameterLayout::Entry& entry : entries_) views.push_back(View(flat, entry));
  return views;
}

torch::Tensor LayeredNetwork::Flat(const Layer::Parameters& parameters) const {
  torch::Tensor flat =
      torch::empty({parameters.front().size(0), layout_.size()}, parameters.front().options());
  for (size_t i = 0; i < entries_.size(); ++i) View(flat, entries_[i]).copy_(parameters[i]);
  return flat;
}

}  // namespace outerloop::meta
