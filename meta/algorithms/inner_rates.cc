#include "meta/algorithms/inner_rates.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace outerloop::meta {
namespace {

using torch::Tensor;

class FixedRate final : public InnerRates {
 public:
  explicit FixedRate(double rate) : rate_(torch::scalar_tensor(rate, torch::kDouble)) {}

  const ParameterLayout& layout() const override { return layout_; }
  Tensor Initial() const override { return torch::empty({0}); }
  Tensor At(int, const Tensor&) const override { return rate_; }
  void AddGradient(int, const Tensor&, Tensor&) const override {}

 private:
  const Tensor rate_;  // As a scalar it takes the type of what it is multiplied with.
  const ParameterLayout layout_{{}};
};

class RatePerParameter final : public InnerRates {
 public:
  RatePerParameter(double rate, ParameterLayout model) : rate_(rate), layout_(std::move(model)) {}

  const ParameterLayout& layout() const override { return layout_; }
  Tensor Initial() const override { return torch::full({layout_.size()}, rate_); }
  Tensor At(int, const Tensor& learned) const override { return learned; }
  void AddGradient(int, const Tensor& gradient, Tensor& sum) const override { sum += gradient; }

 private:
  const double rate_;
  const ParameterLayout layout_;
};

// As many numbers as steps under the name of each of the model's tensors.
ParameterLayout OneForEachStep(const ParameterLayout& model, int steps) {
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const ParameterLayout::Entry& tensor : model.entries()) shapes[tensor.name] = {steps};
  return ParameterLayout(shapes);
}

class RatePerTensorAndStep final : public InnerRates {
 public:
  RatePerTensorAndStep(double rate, int steps, ParameterLayout model)
      : rate_(rate),
        steps_(steps),
        model_(std::move(model)),
        layout_(OneForEachStep(model_, steps)) {}

  const ParameterLayout& layout() const override { return layout_; }
  Tensor Initial() const override { return torch::full({layout_.size()}, rate_); }

  Tensor At(int step, const Tensor& learned) const override {
    const Tensor rates = OfStep(step, learned);
    std::vector<Tensor> of_tensors;
    for (const ParameterLayout::Entry& tensor : model_.entries()) {
      of_tensors.push_back(rates[static_cast<int64_t>(of_tensors.size())].expand({tensor.size}));
    }
    return torch::cat(of_tensors);
  }

  void AddGradient(int step, const Tensor& gradient, Tensor& sum) const override {
    Tensor of_step = OfStep(step, sum);
    int64_t number = 0;
    for (const ParameterLayout::Entry& tensor : model_.entries()) {
      of_step[number++] += gradient.narrow(0, tensor.offset, tensor.size).sum();
    }
  }

 private:
  // The view of what belongs to a step, one number a tensor.
  Tensor OfStep(int step, const Tensor& learned) const {
    return learned.view({-1, steps_}).select(1, std::min(step, steps_ - 1));
  }

  const double rate_;
  const int steps_;
  const ParameterLayout model_;
  const ParameterLayout layout_;  // In the order of model_: both are in the order of names.
};

}  // namespace

std::unique_ptr<const InnerRates> MakeInnerRates(InnerRateKind kind, double rate, int steps,
                                                 const ParameterLayout& model) {
  if (kind == InnerRateKind::kPerParameter) return std::make_unique<RatePerParameter>(rate, model);
  if (kind == InnerRateKind::kPerTensorAndStep && steps > 0) {
    return std::make_unique<RatePerTensorAndStep>(rate, steps, model);
  }
  return std::make_unique<FixedRate>(rate);
}

}  // namespace outerloop::meta
