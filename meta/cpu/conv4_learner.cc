#include "meta/cpu/conv4_learner.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "meta/cpu/network.h"
#include "meta/cpu/shard.h"

namespace outerloop::meta::cpu {
namespace {

using torch::Tensor;

template <typename S>
struct NetworkRecord final : Learner::Record {
  std::vector<TaskRecord<S>> tasks;
};

// One type of number: the learner's rules over a shard.
template <typename S>
class ShardRules {
 public:
  ShardRules(const Conv4Options& options, const ParameterLayout& layout, const Kernels<S>& kernels)
      : network_(BodyOptionsOf(options), options.ways, layout, kernels) {}

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
    ForEachTask(network_.packing(), parameters, [&](int64_t task, const auto& packed) {
      derivative.loss.template data_ptr<S>()[task] =
          network_.Differentiate(packed, TaskOf<S>(inputs, task), TaskOf<int64_t>(targets, task),
                                 images, workspace, record->tasks[static_cast<size_t>(task)]);
      CopyLogits(workspace, images, TaskOf<S>(derivative.outputs, task));
      network_.packing().Unpack(workspace.gradient, TaskOf<S>(derivative.gradient, task));
    });
    derivative.record = std::move(record);
    return derivative;
  }

  Tensor HessianVectorProduct(const Learner::Record& record, const Tensor& direction) const {
    const auto& kept = dynamic_cast<const NetworkRecord<S>&>(record);
    const Tensor rows = Rows(direction);
    Tensor product = torch::empty_like(rows, torch::MemoryFormat::Contiguous);
    if (kept.tasks.empty()) return product;
    Workspace<S> workspace = network_.MakeWorkspace(kept.tasks.front().body.images);
    for (int64_t task = 0; task < rows.size(0); ++task) {
      network_.packing().Pack(TaskOf<S>(rows, task), workspace.parameters);
      network_.HessianVectorProduct(kept.tasks[static_cast<size_t>(task)], workspace.parameters,
                                    workspace);
      network_.packing().Unpack(workspace.gradient, TaskOf<S>(product, task));
    }
    return product;
  }

  Tensor Predict(const Tensor& parameters, const Tensor& inputs) const {
    const int64_t tasks = inputs.size(0), images = inputs.size(1);
    Tensor outputs = inputs.new_empty({tasks, images, network_.ways()});
    Workspace<S> workspace = network_.MakeWorkspace(images);
    ForEachTask(network_.packing(), parameters, [&](int64_t task, const auto& packed) {
      network_.Predict(packed, TaskOf<S>(inputs, task), images, workspace);
      CopyLogits(workspace, images, TaskOf<S>(outputs, task));
    });
    return outputs;
  }

  Tensor PredictInductively(const Tensor& parameters, const Tensor& support,
                            const Tensor& inputs) const {
    const int64_t tasks = inputs.size(0), images = inputs.size(1);
    Tensor outputs = inputs.new_empty({tasks, images, network_.ways()});
    Workspace<S> workspace = network_.MakeWorkspace(std::max(images, support.size(1)));
    ForEachTask(network_.packing(), parameters, [&](int64_t task, const auto& packed) {
      network_.PredictInductively(packed, TaskOf<S>(support, task), support.size(1),
                                  TaskOf<S>(inputs, task), images, workspace);
      CopyLogits(workspace, images, TaskOf<S>(outputs, task));
    });
    return outputs;
  }

 private:
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
        rules_(instruction_set, options, layered_->layout()) {}

  const ParameterLayout& layout() const override { return layered_->layout(); }
  Tensor InitialParameters(uint64_t seed) const override {
    return layered_->InitialParameters(seed);
  }
  std::vector<std::string> normalization_parameters() const override {
    return layered_->normalization_parameters();
  }

  Derivative Differentiate(const Tensor& parameters, const Tensor& inputs,
                           const Tensor& targets) const override {
    const torch::NoGradGuard no_autograd;
    CheckShard(options_, layout(), parameters, inputs);
    CheckTargets(inputs, targets);
    return rules_.With(parameters, [&](const auto& rules) {
      return rules.Differentiate(parameters, inputs.contiguous(), targets.contiguous());
    });
  }

  Tensor HessianVectorProduct(const Record& record, const Tensor& direction) const override {
    const torch::NoGradGuard no_autograd;
    return rules_.With(direction, [&](const auto& rules) {
      return rules.HessianVectorProduct(record, direction);
    });
  }

  Tensor Predict(const Tensor& parameters, const Tensor& inputs) const override {
    const torch::NoGradGuard no_autograd;
    CheckShard(options_, layout(), parameters, inputs);
    return rules_.With(parameters, [&](const auto& rules) {
      return rules.Predict(parameters, inputs.contiguous());
    });
  }

  Tensor PredictInductively(const Tensor& parameters, const Tensor& support_inputs,
                            const Tensor& inputs) const override {
    const torch::NoGradGuard no_autograd;
    CheckShard(options_, layout(), parameters, support_inputs);
    CheckShard(options_, layout(), parameters, inputs);
    return rules_.With(parameters, [&](const auto& rules) {
      return rules.PredictInductively(parameters, support_inputs.contiguous(), inputs.contiguous());
    });
  }

  bool has_batch_statistics() const override { return layered_->has_batch_statistics(); }
  std::string metric() const override { return layered_->metric(); }
  Tensor Score(const Tensor& outputs, const Tensor& targets) const override {
    return layered_->Score(outputs, targets);
  }

 private:
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
  const ForEitherType<ShardRules> rules_;
};

}  // namespace

std::unique_ptr<const Learner> MakeConv4Learner(const Conv4Options& options,
                                                InstructionSet instruction_set) {
  TORCH_CHECK(CanCompute(options, instruction_set), "no kernels for this network");
  return std::make_unique<Conv4Learner>(options, instruction_set);
}

}  // namespace outerloop::meta::cpu
