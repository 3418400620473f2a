#include "meta/algorithms/linear_head.h"

#include <vector>

#include "meta/ops/cross_entropy.h"
#include "meta/ops/linear.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

std::map<std::string, InitialRange> InitialRangesOf(const Layer& layer) {
  std::map<std::string, InitialRange> ranges;
  for (const Layer::ParameterSpec& spec : layer.parameters()) ranges[spec.name] = spec.initial;
  return ranges;
}

ParameterLayout LayoutOf(const Layer& layer) {
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const Layer::ParameterSpec& spec : layer.parameters()) shapes[spec.name] = spec.shape;
  return ParameterLayout(shapes);
}

}  // namespace

LinearHead::LinearHead(int64_t features, int64_t ways)
    : layer_(MakeLinear(
          {.inputs = features, .outputs = ways, .initial_weight = GlorotUniform(features, ways)})),
      loss_(MakeCrossEntropy()),
      initial_ranges_(InitialRangesOf(*layer_)),
      layout_(LayoutOf(*layer_)) {}

LinearHead::Derivative LinearHead::Differentiate(const Tensor& parameters, const Tensor& features,
                                                 const Tensor& targets) const {
  Derivative derivative;
  auto& [layer, loss] = derivative.record;
  derivative.outputs = layer_->Forward(ViewsOf(parameters), features, layer);
  derivative.loss = loss_->Forward(derivative.outputs, targets, loss);
  derivative.gradients =
      Flat(layer_->Backward(loss_->Backward(loss), /*wants_inputs=*/true, layer));
  return derivative;
}

LinearHead::Gradients LinearHead::HessianVectorProduct(const Record& record,
                                                       const Tensor& direction) const {
  Layer::Record tangent;
  const Tensor outputs =
      layer_->TangentForward(ViewsOf(direction), /*input_tangent=*/{}, record.layer, tangent);
  return Flat(layer_->TangentBackward(loss_->TangentBackward(outputs, record.loss),
                                      /*wants_inputs=*/true, record.layer, tangent));
}

Tensor LinearHead::Predict(const Tensor& parameters, const Tensor& features) const {
  Layer::Record unused;
  return layer_->Forward(ViewsOf(parameters), features, unused);
}

Tensor LinearHead::Score(const Tensor& outputs, const Tensor& targets) const {
  return loss_->Score(outputs, targets);
}

Layer::Parameters LinearHead::ViewsOf(const Tensor& flat) const {
  Layer::Parameters views;
  for (const Layer::ParameterSpec& spec : layer_->parameters()) {
    views.push_back(View(flat, layout_.at(spec.name)));
  }
  return views;
}

LinearHead::Gradients LinearHead::Flat(const Layer::Gradients& gradients) const {
  const Tensor& inputs = gradients.inputs;
  Gradients flat = {torch::empty({inputs.size(0), layout_.size()}, inputs.options()), inputs};
  const Layer::Parameters views = ViewsOf(flat.parameters);
  for (size_t i = 0; i < views.size(); ++i) views[i].copy_(gradients.parameters[i]);
  return flat;
}

}  // namespace outerloop::meta
