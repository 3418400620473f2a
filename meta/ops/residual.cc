#include "meta/ops/residual.h"

#include <array>
#include <utility>

namespace outerloop::meta {
namespace {

using torch::Tensor;

// Of the two branches.
using Records = std::array<Layer::Record, 2>;

// The sum of what is defined; undefined, which means zero, if nothing is.
Tensor Sum(const Tensor& a, const Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? a + b : a;
}

// What `rule` gives for each branch.
template <typename Rule>
auto ForBoth(const Rule& rule) {
  auto first = rule(size_t{0});
  return std::array{std::move(first), rule(size_t{1})};
}

class Residual final : public Layer {
 public:
  Residual(NamedLayer layers, NamedLayer shortcut)
      : branches_{MakeSequence({std::move(layers)}), MakeSequence({std::move(shortcut)})},
        first_parameters_(branches_[0]->parameters().size()) {}

  std::vector<ParameterSpec> parameters() const override {
    std::vector<ParameterSpec> all = branches_[0]->parameters();
    for (ParameterSpec& spec : branches_[1]->parameters()) all.push_back(std::move(spec));
    return all;
  }

  Tensor Forward(const Parameters& parameters, const Tensor& inputs,
                 Record& record) const override {
    Records records;
    const auto outputs = ForBoth(
        [&](size_t i) { return branches_[i]->Forward(Of(i, parameters), inputs, records[i]); });
    record = std::move(records);
    return outputs[0] + outputs[1];
  }

  Gradients Backward(const Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    auto& records = std::any_cast<Records&>(record);
    return Joined(ForBoth([&](size_t i) {
      return branches_[i]->Backward(output_gradient, wants_inputs, records[i]);
    }));
  }

  Tensor TangentForward(const Parameters& parameter_tangent, const Tensor& input_tangent,
                        const Record& record, Record& tangent_record) const override {
    const auto& records = std::any_cast<const Records&>(record);
    Records tangents;
    const auto outputs = ForBoth([&](size_t i) {
      return branches_[i]->TangentForward(Of(i, parameter_tangent), input_tangent, records[i],
                                          tangents[i]);
    });
    tangent_record = std::move(tangents);
    return Sum(outputs[0], outputs[1]);
  }

  Gradients TangentBackward(const Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    const auto& records = std::any_cast<const Records&>(record);
    const auto& tangents = std::any_cast<const Records&>(tangent_record);
    return Joined(ForBoth([&](size_t i) {
      return branches_[i]->TangentBackward(output_gradient_tangent, wants_inputs, records[i],
                                           tangents[i]);
    }));
  }

  bool has_batch_statistics() const override {
    return branches_[0]->has_batch_statistics() || branches_[1]->has_batch_statistics();
  }

  Tensor ForwardWithStatisticsOf(const Record& record, const Parameters& parameters,
                                 const Tensor& inputs) const override {
    const auto& records = std::any_cast<const Records&>(record);
    const auto outputs = ForBoth([&](size_t i) {
      return branches_[i]->ForwardWithStatisticsOf(records[i], Of(i, parameters), inputs);
    });
    return outputs[0] + outputs[1];
  }

 private:
  // Branch `i`'s.
  Parameters Of(size_t i, const Parameters& all) const {
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(first_parameters_);
    return i == 0 ? Parameters(all.begin(), middle) : Parameters(middle, all.end());
  }

  static Gradients Joined(std::array<Gradients, 2> of) {
    Gradients all{Sum(of[0].inputs, of[1].inputs), std::move(of[0].parameters)};
    for (Tensor& gradient : of[1].parameters) all.parameters.push_back(std::move(gradient));
    return all;
  }

  const std::array<std::unique_ptr<const Layer>, 2> branches_;  // The layers; the shortcut.
  const size_t first_parameters_;                               // Of the layers.
};

}  // namespace

std::unique_ptr<const Layer> MakeResidual(NamedLayer layers, NamedLayer shortcut) {
  return std::make_unique<Residual>(std::move(layers), std::move(shortcut));
}

}  // namespace outerloop::meta
