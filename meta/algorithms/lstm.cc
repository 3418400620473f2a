#include "meta/algorithms/lstm.h"

#include <utility>

namespace outerloop::meta {

using torch::Tensor;

Lstm::Lstm(std::string name, int64_t inputs, int64_t units)
    : name_(std::move(name)), inputs_(inputs), units_(units) {}

std::map<std::string, std::vector<int64_t>> Lstm::shapes() const {
  return {{name_ + ".bias", {4 * units_}},
          {name_ + ".input_weight", {4 * units_, inputs_}},
          {name_ + ".recurrent_weight", {4 * units_, units_}}};
}

std::map<std::string, InitialRange> Lstm::initial_ranges() const {
  return {{name_ + ".bias", {0, 0}},
          {name_ + ".input_weight", GlorotUniform(inputs_, units_)},
          {name_ + ".recurrent_weight", GlorotUniform(units_, units_)}};
}

LstmState Lstm::Start(const Tensor& parameters, int64_t sequences) const {
  const Tensor zeros = torch::zeros({sequences, units_}, parameters.options());
  return {zeros, zeros};
}

LstmState Lstm::Step(const ParameterLayout& layout, const Tensor& parameters, const Tensor& inputs,
                     const LstmState& state) const {
  const auto parameter = [&](const char* of) { return View(parameters, layout.at(name_ + of)); };
  const Tensor gates = torch::linear(inputs, parameter(".input_weight"), parameter(".bias")) +
                       torch::linear(state.output, parameter(".recurrent_weight"));
  const std::vector<Tensor> gate = gates.chunk(4, -1);
  const Tensor cell =
      torch::sigmoid(gate[1]) * state.cell + torch::sigmoid(gate[0]) * torch::tanh(gate[2]);
  return {torch::sigmoid(gate[3]) * torch::tanh(cell), cell};
}

}  // namespace outerloop::meta
