#include "meta/cpu/conv4_learner.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "meta/cpu/network.h"

namespace outerloop::meta::cpu {
namespace {

using torch::Tensor;

template <typename S>
struct NetworkRecord final : Learner::Record {
  std::vector<TaskRecord<S>> tasks;
};

NetworkOptions OptionsOf(const Conv4Options& options) {
  return {.channels = options.channels,
          .image = {options.height, options.width},
          .filters = options.filters,
          .ways = options.ways,
          .stride = options.pooling == Pooling::kStrided ? 2 : 1,
          .takes_maxima = options.pooling == Pooling::kMax};
}

// Rows [T, P] whose values lie side by side: a view where `rows` is one row for all tasks.
Tensor Rows(const Tensor& rows) { return rows.stride(-1) == 1 ? rows : rows.contiguous(); }

// One type of number: the learner's rules over a shard.
template <typename S>
class ShardRules {
 public:
  ShardRules(const Conv4Options& options, const ParameterLayout& layout, const Kernels<S>& kernels)
      : network_(OptionsOf(options), layout, kernels) {}

  Learner::Derivative Differentiate(const Tensor& parameters, const Tensor& inputs,
                                    const Tensor& targets) const {
    const int64_t tasks = inputs.size(0), images = inputs.size(1);
    auto record = std::make_unique<NetworkRecord<S>>();
    record->tasks.resize(static_cast<size_t>(tasks));
    Learner::Derivative derivative;
    derivative.outputs = inputs.new_empty({tasks, images, network_.ways()});
    derivative.loss = inputs.new_empty({tasks});
    derivative.gradient = inputs.new_empty({tasks, parameters.size(1)});
    Workspace<S> workspace = network_.MakeWorkspace(images);
    PackEach(parameters, tasks, [&](int64_t task, const auto& packed) {
      derivative.loss.template data_ptr<S>()[task] =
          network_.Differentiate(packed, Task<S>(inputs, task), Task<int64_t>(targets, task),
                                 images, workspace, record->tasks[static_cast<size_t>(task)]);
      CopyLogits(workspace, images, Task<S>(derivative.outputs, task));
      network_.packing().Unpack(workspace.gradient, Task<S>(derivative.gradient, task));
    });
    derivative.record = std::move(record);
    return derivative;
  }

  Tensor HessianVectorProduct(const Learner::Record& record, const Tensor& direction) const {
    const auto& kept = dynamic_cast<const NetworkRecord<S>&>(record);
    const Tensor rows = Rows(direction);
    Tensor product = torch::empty_like(rows, torch::MemoryFormat::Contiguous);
    if (kept.tasks.empty()) return product;
    Workspace<S> workspace = network_.MakeWorkspace(kept.tasks.front().images);
    for (int64_t task = 0; task < rows.size(0); ++task) {
      network_.packing().Pack(Task<S>(rows, task), workspace.parameters);
      network_.HessianVectorProduct(kept.tasks[static_cast<size_t>(task)], workspace.parameters,
                                    workspace);
      network_.packing().Unpack(workspace.gradient, Task<S>(product, task));
    }
    return product;
  }

  Tensor Predict(const Tensor& parameters, const Tensor& inputs) const {
    const int64_t tasks = inputs.size(0), images = inputs.size(1);
    Tensor outputs = inputs.new_empty({tasks, images, network_.ways()});
    Workspace<S> workspace = network_.MakeWorkspace(images);
    PackEach(parameters, tasks, [&](int64_t task, const auto& packed) {
      network_.Predict(*packed, Task<S>(inputs, task), images, workspace);
      CopyLogits(workspace, images, Task<S>(outputs, task));
    });
    return outputs;
  }

  Tensor PredictInductively(const Tensor& parameters, const Tensor& support,
                            const Tensor& inputs) const {
    const int64_t tasks = inputs.size(0), images = inputs.size(1);
    Tensor outputs = inputs.new_empty({tasks, images, network_.ways()});
    Workspace<S> workspace = network_.MakeWorkspace(std::max(images, support.size(1)));
    PackEach(parameters, tasks, [&](int64_t task, const auto& packed) {
      network_.PredictInductively(*packed, Task<S>(support, task), support.size(1),
                                  Task<S>(inputs, task), images, workspace);
      CopyLogits(workspace, images, Task<S>(outputs, task));
    });
    return outputs;
  }

 private:
  // A task's values in a tensor [T, ...] that is contiguous but for, perhaps, equal rows.
  template <typename T>
  static T* Task(const Tensor& tensor, int64_t task) {
    return tensor.template data_ptr<T>() + task * tensor.stride(0);
  }

  // Calls body(task, shared parameters) for each row of `parameters` [T, P]; a row that all tasks
  // share is packed once.
  template <typename Body>
  void PackEach(const Tensor& parameters, int64_t tasks, const Body& body) const {
    const Tensor rows = Rows(parameters);
    std::shared_ptr<const PackedParameters<S>> packed;
    for (int64_t task = 0; task < tasks; ++task) {
      if (packed == nullptr || rows.stride(0) != 0) packed = Packed(Task<S>(rows, task));
      body(task, packed);
    }
  }

  std::shared_ptr<const PackedParameters<S>> Packed(const S* flat) const {
    auto packed =
        std::make_shared<PackedParameters<S>>(network_.packing().Allocate(/*transposed=*/true));
    network_.packing().Pack(flat, *packed);
    return packed;
  }

  void CopyLogits(const Workspace<S>& workspace, int64_t images, S* to) const {
    for (int64_t image = 0; image < images; ++image) {
      std::copy_n(workspace.logits.data() + image * network_.padded_ways(), network_.ways(),
                  to + image * network_.ways());
    }
  }

  const Network<S> network_;
};

class Conv4Learner final : public Learner {
 public:
  Conv4Learner(const Conv4Options& options, InstructionSet instruction_set)
      : options_(options),
        layered_(MakeConv4(options)),
        float_(options, layered_->layout(), KernelsFor<float>(instruction_set)),
        double_(options, layered_->layout(), KernelsFor<double>(instruction_set)) {}

  const ParameterLayout& layout() const override { return layered_->layout(); }
  Tensor InitialParameters(uint64_t seed) const override {
    return layered_->InitialParameters(seed);
  }

  Derivative Differentiate(const Tensor& parameters, const Tensor& inputs,
                           const Tensor& targets) const override {
    const torch::NoGradGuard no_autograd;
    CheckParameters(parameters, inputs);
    CheckTargets(inputs, targets);
    return WithRulesFor(parameters, [&](const auto& rules) {
      return rules.Differentiate(parameters, inputs.contiguous(), targets.contiguous());
    });
  }

  Tensor HessianVectorProduct(const Record& record, const Tensor& direction) const override {
    const torch::NoGradGuard no_autograd;
    return WithRulesFor(direction, [&](const auto& rules) {
      return rules.HessianVectorProduct(record, direction);
    });
  }

  Tensor Predict(const Tensor& parameters, const Tensor& inputs) const override {
    const torch::NoGradGuard no_autograd;
    CheckParameters(parameters, inputs);
    return WithRulesFor(parameters, [&](const auto& rules) {
      return rules.Predict(parameters, inputs.contiguous());
    });
  }

  Tensor PredictInductively(const Tensor& parameters, const Tensor& support_inputs,
                            const Tensor& inputs) const override {
    const torch::NoGradGuard no_autograd;
    CheckParameters(parameters, support_inputs);
    CheckParameters(parameters, inputs);
    return WithRulesFor(parameters, [&](const auto& rules) {
      return rules.PredictInductively(parameters, support_inputs.contiguous(), inputs.contiguous());
    });
  }

  bool has_batch_statistics() const override { return layered_->has_batch_statistics(); }
  std::string metric() const override { return layered_->metric(); }
  Tensor Score(const Tensor& outputs, const Tensor& targets) const override {
    return layered_->Score(outputs, targets);
  }

 private:
  template <typename Body>
  std::invoke_result_t<Body, const ShardRules<float>&> WithRulesFor(const Tensor& parameters,
                                                                    const Body& body) const {
    TORCH_CHECK(parameters.is_cpu(), "the cpu back end computes on the CPU only");
    if (parameters.scalar_type() == torch::kFloat) return body(float_);
    TORCH_CHECK(parameters.scalar_type() == torch::kDouble,
                "the cpu back end computes in float or double, not ", parameters.scalar_type());
    return body(double_);
  }

  void CheckParameters(const Tensor& parameters, const Tensor& inputs) const {
    TORCH_CHECK(inputs.dim() == 5 && inputs.size(1) > 0 &&
                    inputs.sizes().slice(2) ==
                        torch::IntArrayRef({options_.channels, options_.height, options_.width}),
                "inputs are ", inputs.sizes(), ", not [tasks, images, ", options_.channels, ", ",
                options_.height, ", ", options_.width, "]");
    TORCH_CHECK(parameters.sizes() == torch::IntArrayRef({inputs.size(0), layout().size()}),
                "parameters are ", parameters.sizes(), ", not [", inputs.size(0), ", ",
                layout().size(), "]");
    TORCH_CHECK(inputs.is_cpu() && inputs.scalar_type() == parameters.scalar_type(),
                "inputs are not of the parameters' type");
  }

  void CheckTargets(const Tensor& inputs, const Tensor& targets) const {
    TORCH_CHECK(
        targets.scalar_type() == torch::kLong && targets.sizes() == inputs.sizes().slice(0, 2),
        "targets are ", targets.scalar_type(), " ", targets.sizes(),
        ", not a class for each input");
    TORCH_CHECK(targets.numel() == 0 || (targets.min().item<int64_t>() >= 0 &&
                                         targets.max().item<int64_t>() < options_.ways),
                "targets are not all in 0 .. ", options_.ways - 1);
  }

  const Conv4Options options_;
  // Names, shapes, initial values and scores do not depend on the back end.
  const std::unique_ptr<const Learner> layered_;
  const ShardRules<float> float_;
  const ShardRules<double> double_;
};

}  // namespace

bool CanCompute(const Conv4Options& options, InstructionSet instruction_set) {
  return options.filters % KernelsFor<float>(instruction_set).lanes == 0;
}

std::unique_ptr<const Learner> MakeConv4Learner(const Conv4Options& options,
                                                InstructionSet instruction_set) {
  TORCH_CHECK(CanCompute(options, instruction_set), "no kernels for ", options.filters, " filters");
  return std::make_unique<Conv4Learner>(options, instruction_set);
}

}  // namespace outerloop::meta::cpu
