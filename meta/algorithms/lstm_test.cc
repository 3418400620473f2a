#include "meta/algorithms/lstm.h"

#include "gtest/gtest.h"

namespace outerloop::meta {
namespace {

using torch::Tensor;

TEST(Lstm, EqualsLibTorchsOverASequence) {
  torch::manual_seed(3);
  const Lstm lstm("memory", /*inputs=*/3, /*units=*/4);
  const ParameterLayout layout(lstm.shapes());
  const Tensor parameters = torch::randn({layout.size()}, torch::kDouble);
  const auto parameter = [&](const char* of) {
    return View(parameters, layout.at(std::string("memory") + of));
  };
  const Tensor sequence = torch::randn({5, 2, 3}, torch::kDouble);  // Steps, sequences, inputs.
  LstmState state = lstm.Start(parameters, 2);
  std::vector<Tensor> outputs;
  for (const Tensor& inputs : sequence.unbind(0)) {
    state = lstm.Step(layout, parameters, inputs, state);
    outputs.push_back(state.output);
  }
  const Tensor zeros = torch::zeros({1, 2, 4}, torch::kDouble);
  const auto [expected, last_output, last_cell] =
      torch::lstm(sequence, {zeros, zeros},
                  {parameter(".input_weight"), parameter(".recurrent_weight"), parameter(".bias"),
                   torch::zeros({16}, torch::kDouble)},
                  /*has_biases=*/true, /*num_layers=*/1, /*dropout=*/0, /*train=*/false,
                  /*bidirectional=*/false, /*batch_first=*/false);
  EXPECT_TRUE(torch::allclose(torch::stack(outputs), expected, 1e-12, 1e-12));
  EXPECT_TRUE(torch::allclose(state.cell, last_cell[0], 1e-12, 1e-12));
}

TEST(Lstm, StartsItsWeightsWithinGlorotsRangeAndItsBiasesAtZero) {
  const Lstm lstm("memory", /*inputs=*/2, /*units=*/4);
  const ParameterLayout layout(lstm.shapes());
  const Tensor parameters = DrawInitialParameters(layout, lstm.initial_ranges(), /*seed=*/1);
  EXPECT_TRUE(View(parameters, layout.at("memory.bias")).eq(0).all().item<bool>());
  // sqrt(6 / (2 + 4)) and sqrt(6 / (4 + 4)).
  EXPECT_NEAR(View(parameters, layout.at("memory.input_weight")).abs().max().item<double>(), 1,
              0.1);
  EXPECT_NEAR(View(parameters, layout.at("memory.recurrent_weight")).abs().max().item<double>(),
              0.866, 0.1);
}

}  // namespace
}  // namespace outerloop::meta
