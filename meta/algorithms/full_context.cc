#include "meta/algorithms/full_context.h"

#include <vector>

namespace outerloop::meta {
namespace {

using torch::Tensor;

template <typename Value>
std::map<std::string, Value> Merged(std::map<std::string, Value> all,
                                    std::map<std::string, Value> second,
                                    std::map<std::string, Value> third) {
  all.merge(second);
  all.merge(third);
  return all;
}

// r: every query's mean of the support set, weighted by the softmax of inner products.
Tensor Read(const Tensor& queries, const Tensor& support) {
  const Tensor attention = torch::softmax(torch::bmm(queries, support.transpose(1, 2)), -1);
  return torch::bmm(attention, support);
}

}  // namespace

FullContext::FullContext(int64_t features)
    : query_("query", 2 * features, features),
      support_backward_("support_backward", features, features),
      support_forward_("support_forward", features, features),
      layout_(Merged(query_.shapes(), support_backward_.shapes(), support_forward_.shapes())) {}

std::map<std::string, InitialRange> FullContext::initial_ranges() const {
  return Merged(query_.initial_ranges(), support_backward_.initial_ranges(),
                support_forward_.initial_ranges());
}

Tensor FullContext::Outputs(const Lstm& lstm, const Tensor& parameters, const Tensor& sequence,
                            bool backward) const {
  const int64_t examples = sequence.size(1);
  std::vector<Tensor> outputs(examples);
  LstmState state = lstm.Start(parameters, sequence.size(0));
  for (int64_t i = 0; i < examples; ++i) {
    const int64_t place = backward ? examples - 1 - i : i;
    state = lstm.Step(layout_, parameters, sequence.select(1, place), state);
    outputs[place] = state.output;
  }
  return torch::stack(outputs, 1);
}

Tensor FullContext::EmbedSupport(const Tensor& parameters, const Tensor& support) const {
  return Outputs(support_forward_, parameters, support, /*backward=*/false) +
         Outputs(support_backward_, parameters, support, /*backward=*/true) + support;
}

Tensor FullContext::EmbedQueries(const Tensor& parameters, const Tensor& queries,
                                 const Tensor& support, int steps) const {
  const Tensor rows = queries.flatten(0, 1);
  LstmState state = query_.Start(parameters, rows.size(0));
  Tensor read = torch::zeros_like(rows);
  for (int step = 0; step < steps; ++step) {
    state = query_.Step(layout_, parameters, torch::cat({rows, read}, 1), state);
    state.output = state.output + rows;
    read = Read(state.output.view_as(queries), support).flatten(0, 1);
  }
  return state.output.view_as(queries);
}

}  // namespace outerloop::meta
