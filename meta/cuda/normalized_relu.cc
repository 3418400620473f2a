#include "meta/cuda/normalized_relu.h"

#include <limits>
#include <type_traits>
#include <utility>

#include "meta/ops/channels.h"

namespace outerloop::meta::cuda {
namespace {

using torch::Tensor;

// Images are grouped (channels.h), everything else is [T * C].
struct ForwardRecord {
  int64_t tasks;
  Tensor inputs;
  Tensor scale, shift;
  Tensor mean, inverse_deviation;
  // From Backward.
  Tensor output_gradient;
  Tensor shift_gradient, scale_gradient;
};

struct TangentRecord {
  Tensor inputs;
  Tensor scale, shift;
  Tensor input_sum, correlation_sum;
};

Tensor Columns(const Tensor& parameter) { return parameter.contiguous().flatten(); }

Tensor EmptyImages(at::IntArrayRef sizes, const Tensor& like) {
  return torch::empty(sizes, like.options(), at::MemoryFormat::ChannelsLast);
}

// The gradients of scale and shift, [T, C].
Layer::Parameters AsParameters(const Tensor& scale, const Tensor& shift, int64_t tasks) {
  return {scale.view({tasks, -1}), shift.view({tasks, -1})};
}

class NormalizedRelu final : public Layer {
 public:
  NormalizedRelu(const NormalizedReluOptions& options, std::shared_ptr<const BlockKernels> kernels)
      : options_(options), kernels_(std::move(kernels)) {}

  std::vector<ParameterSpec> parameters() const override {
    return {{"scale", {options_.channels}, {1, 1}, /*normalizes=*/true},
            {"shift", {options_.channels}, {0, 0}, /*normalizes=*/true}};
  }

  Tensor Forward(const Parameters& parameters, const Tensor& inputs,
                 Record& record) const override {
    ForwardRecord kept = Started(parameters, inputs);
    kept.mean = torch::empty_like(kept.scale);
    kept.inverse_deviation = torch::empty_like(kept.scale);
    Tensor outputs = Outputs(BlockRule::kForward, kept);
    record = std::move(kept);
    return outputs;
  }

  Gradients Backward(const Tensor& output_gradient, bool wants_inputs,
                     Record& record) const override {
    auto& kept = std::any_cast<ForwardRecord&>(record);
    kept.output_gradient = Group(output_gradient);
    kept.shift_gradient = torch::empty_like(kept.scale);
    kept.scale_gradient = torch::empty_like(kept.scale);
    Gradients gradients{{}, AsParameters(kept.scale_gradient, kept.shift_gradient, kept.tasks)};
    Tensor inputs;
    if (wants_inputs) inputs = torch::empty_like(kept.inputs);
    Run(BlockRule::kBackward, kept, [&](auto& block) {
      SetGradients(kept, block);
      Point(inputs, block.input_gradient);
    });
    if (wants_inputs) gradients.inputs = Ungroup(inputs, kept.tasks);
    return gradients;
  }

  Tensor TangentForward(const Parameters& parameter_tangent, const Tensor& input_tangent,
                        const Record& record, Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    TangentRecord tangent{
        .inputs = input_tangent.defined() ? Group(input_tangent) : torch::zeros_like(kept.inputs),
        .scale = Columns(parameter_tangent[0]),
        .shift = Columns(parameter_tangent[1]),
        .input_sum = torch::empty_like(kept.scale),
        .correlation_sum = torch::empty_like(kept.scale)};
    const Tensor outputs = EmptyImages(OutputSizes(kept.inputs), kept.inputs);
    Run(BlockRule::kTangentForward, kept, [&](auto& block) {
      SetTangents(tangent, block);
      Point(outputs, block.output_tangent);
    });
    tangent_record = std::move(tangent);
    return Ungroup(outputs, kept.tasks);
  }

  Gradients TangentBackward(const Tensor& output_gradient_tangent, bool wants_inputs,
                            const Record& record, const Record& tangent_record) const override {
    const auto& kept = std::any_cast<const ForwardRecord&>(record);
    const auto& tangent = std::any_cast<const TangentRecord&>(tangent_record);
    const Tensor gradient_tangent = Group(output_gradient_tangent);
    const Tensor shift = torch::empty_like(kept.scale), scale = torch::empty_like(kept.scale);
    Tensor inputs;
    if (wants_inputs) inputs = torch::empty_like(kept.inputs);
    Run(BlockRule::kTangentBackward, kept, [&](auto& block) {
      SetGradients(kept, block);
      SetTangents(tangent, block);
      Point(gradient_tangent, block.output_gradient_tangent);
      Point(shift, block.shift_gradient_tangent);
      Point(scale, block.scale_gradient_tangent);
      Point(inputs, block.input_gradient_tangent);
    });
    Gradients gradients{{}, AsParameters(scale, shift, kept.tasks)};
    if (wants_inputs) gradients.inputs = Ungroup(inputs, kept.tasks);
    return gradients;
  }

  bool has_batch_statistics() const override { return true; }

  Tensor ForwardWithStatisticsOf(const Record& record, const Parameters& parameters,
                                 const Tensor& inputs) const override {
    const auto& statistics = std::any_cast<const ForwardRecord&>(record);
    ForwardRecord own = Started(parameters, inputs);
    own.mean = statistics.mean;
    own.inverse_deviation = statistics.inverse_deviation;
    return Outputs(BlockRule::kForwardWithStatistics, own);
  }

 private:
  int window() const { return options_.pools ? 2 : 1; }

  // With what a forward rule is given.
  static ForwardRecord Started(const Parameters& parameters, const Tensor& inputs) {
    ForwardRecord kept{};
    kept.tasks = inputs.size(0);
    kept.inputs = Group(inputs);
    kept.scale = Columns(parameters[0]);
    kept.shift = Columns(parameters[1]);
    return kept;
  }

  std::vector<int64_t> OutputSizes(const Tensor& inputs) const {
    return {inputs.size(0), inputs.size(1), inputs.size(2) / window(), inputs.size(3) / window()};
  }

  // By a forward rule, which may write `kept`'s statistics.
  Tensor Outputs(BlockRule rule, const ForwardRecord& kept) const {
    const Tensor outputs = EmptyImages(OutputSizes(kept.inputs), kept.inputs);
    Run(rule, kept, [&](auto& block) { Point(outputs, block.outputs); });
    return Ungroup(outputs, kept.tasks);
  }

  // Runs `rule` with what `kept` has of Forward, and what `set` adds to the block.
  template <typename Set>
  void Run(BlockRule rule, const ForwardRecord& kept, const Set& set) const {
    if (kept.inputs.scalar_type() == torch::kDouble) {
      RunIn<double>(rule, kept, set);
    } else {
      RunIn<float>(rule, kept, set);
    }
  }

  template <typename Real, typename Set>
  void RunIn(BlockRule rule, const ForwardRecord& kept, const Set& set) const {
    Block<Real> block;
    block.shape = ShapeOf(kept.inputs);
    block.epsilon = static_cast<Real>(options_.epsilon);
    Point(kept.inputs, block.inputs);
    Point(kept.scale, block.scale);
    Point(kept.shift, block.shift);
    Point(kept.mean, block.mean);
    Point(kept.inverse_deviation, block.inverse_deviation);
    set(block);
    const Tensor workspace =
        torch::empty({block.shape.columns * kWorkspacePerColumn}, kept.inputs.options());
    Point(workspace, block.workspace);
    kernels_->Run(rule, block);
  }

  BlockShape ShapeOf(const Tensor& inputs) const {
    TORCH_CHECK_VALUE(inputs.numel() <= std::numeric_limits<int>::max(), "a shard with ",
                      inputs.numel(), " values in a layer; lower training.tasks_per_shard");
    return {.images = static_cast<int>(inputs.size(0)),
            .height = static_cast<int>(inputs.size(2)),
            .width = static_cast<int>(inputs.size(3)),
            .columns = static_cast<int>(inputs.size(1)),
            .window = window()};
  }

  // Null where the tensor is not defined.
  template <typename Real>
  static void Point(const Tensor& tensor, Real*& pointer) {
    if (tensor.defined()) pointer = tensor.data_ptr<std::remove_const_t<Real>>();
  }

  template <typename Real>
  static void SetGradients(const ForwardRecord& kept, Block<Real>& block) {
    Point(kept.output_gradient, block.output_gradient);
    Point(kept.shift_gradient, block.shift_gradient);
    Point(kept.scale_gradient, block.scale_gradient);
  }

  template <typename Real>
  static void SetTangents(const TangentRecord& tangent, Block<Real>& block) {
    Point(tangent.inputs, block.input_tangent);
    Point(tangent.scale, block.scale_tangent);
    Point(tangent.shift, block.shift_tangent);
    Point(tangent.input_sum, block.input_tangent_sum);
    Point(tangent.correlation_sum, block.correlation_sum);
  }

  const NormalizedReluOptions options_;
  const std::shared_ptr<const BlockKernels> kernels_;
};

}  // namespace

std::unique_ptr<const Layer> MakeNormalizedRelu(const NormalizedReluOptions& options,
                                                std::shared_ptr<const BlockKernels> kernels) {
  return std::make_unique<NormalizedRelu>(options, std::move(kernels));
}

}  // namespace outerloop::meta::cuda
