#include "meta/algorithms/step_normalization.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace outerloop::meta {
namespace {

using torch::Tensor;

ParameterLayout LayoutOf(const ParameterLayout& model, const std::vector<std::string>& names,
                         int steps) {
  std::map<std::string, std::vector<int64_t>> shapes;
  if (steps == 0) return ParameterLayout(shapes);
  for (const std::string& name : names) shapes[name] = {steps, model.at(name).size};
  return ParameterLayout(shapes);
}

}  // namespace

StepNormalization::StepNormalization(ParameterLayout model, const std::vector<std::string>& names,
                                     int steps)
    : steps_(steps), model_(std::move(model)), layout_(LayoutOf(model_, names, steps)) {}

torch::Tensor StepNormalization::Initial(const Tensor& model) const {
  Tensor sets = torch::empty({layout_.size()}, model.options());
  for (int step = 1; step <= steps_; ++step) {
    ForEachTensor(step, model, sets, [](const Tensor& own, Tensor set) { set.copy_(own); });
  }
  return sets;
}

void StepNormalization::Put(int step, const Tensor& learned, Tensor& parameters) const {
  if (step == 0) return;
  ForEachTensor(step, parameters, learned,
                [](Tensor own, const Tensor& set) { own.copy_(set.expand_as(own)); });
}

void StepNormalization::TakeGradient(int step, Tensor& gradient, Tensor& sum) const {
  if (step == 0) return;
  ForEachTensor(step, gradient, sum, [](Tensor own, Tensor set) {
    set += own.sum(0);
    own.zero_();
  });
}

template <typename Body>
void StepNormalization::ForEachTensor(int step, const Tensor& flat, const Tensor& sets,
                                      const Body& body) const {
  const int64_t set = std::min(step, steps_) - 1;
  for (const ParameterLayout::Entry& entry : layout_.entries()) {
    const ParameterLayout::Entry& own = model_.at(entry.name);
    body(flat.narrow(-1, own.offset, own.size), View(sets, entry)[set]);
  }
}

}  // namespace outerloop::meta
